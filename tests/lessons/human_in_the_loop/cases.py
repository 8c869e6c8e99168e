"""Answers to lesson 05's exercises."""

from tests.lessons.cases import Cases

from courseware.lessons import exercise

NOTICE_SOLUTION, ORDER_SOLUTION, DISCOUNT_SOLUTION, EMAIL_SOLUTION = (
    exercise(f"05.{number}").solution_code for number in (1, 2, 3, 4)
)


def but(solution: str, *changes: tuple[str, str]) -> str:
    """The solution with some of its text replaced; every replacement must find its place."""
    for old, new in changes:
        assert old in solution, old
        solution = solution.replace(old, new)
    return solution


COMMAND_AND_LEDGER = """
import tempfile
from pathlib import Path

from agent_patterns.approval import ApprovalLedger, ask


class State(TypedDict, total=False):
    to: str
    letter: str
    review: dict


def build_email_agent(draft, send):
    ledger = ApprovalLedger(Path(tempfile.mkdtemp()) / "ledger.sqlite")

    def write(state):
        said = state.get("review", {"message": ""})["message"]
        return Command(goto="look", update={"letter": draft(state["to"], said)})

    def look(state):
        args = {"to": state["to"], "letter": state["letter"]}
        review = ask({"action": "send_email", "args": args}, key=state["letter"], ledger=ledger)
        return Command(goto="post" if review["approved"] else "write", update={"review": review})

    def post(state):
        review = state["review"]
        effect = lambda args, key: send(args["to"], args["letter"])
        ledger.execute(review["key"], review["action"], effect)
        return {}

    builder = StateGraph(State).add_node(post)
    builder.add_node("look", look, destinations=("post", "write"))
    builder.add_node("write", write, destinations=("look",)).add_edge(START, "write")
    return builder.compile(checkpointer=InMemorySaver())
"""

ONE_NODE = """
def build_email_agent(draft, send):
    def everything(state):
        letter = draft(state["to"], "")
        args = {"to": state["to"], "letter": letter}
        decision = interrupt({"action": "send_email", "args": args})
        if decision["type"] == "approve":
            send(state["to"], letter)
        elif decision["type"] == "edit":
            send(**decision["edited_action"]["args"])
        return {}

    class State(TypedDict, total=False):
        to: str

    builder = StateGraph(State).add_node(everything).add_edge(START, "everything")
    return builder.compile(checkpointer=InMemorySaver())
"""

SENDS_WHERE_IT_ASKS = """
def build_email_agent(draft, send):
    def write(state: Email) -> Email:
        return {"letter": draft(state["to"], state.get("feedback", ""))}

    def look(state: Email) -> Command[Literal["write", "__end__"]]:
        args = {"to": state["to"], "letter": state["letter"]}
        decision = interrupt({"action": "send_email", "args": args})
        if decision["type"] == "reject":
            return Command(goto="write", update={"feedback": decision["message"]})
        send(**decision.get("edited_action", {"args": args})["args"])
        return Command(goto=END)


    builder = StateGraph(Email).add_node(write).add_node(look)
    builder.add_edge(START, "write").add_edge("write", "look")
    return builder.compile(checkpointer=InMemorySaver())


class Email(TypedDict, total=False):
    to: str
    letter: str
    feedback: str
"""

ONE_NODE_NOTICE = """
def build_notice(send):
    def ask(state: Notice) -> Notice:
        send(state["to"])
        return {"decision": interrupt("Refund 12.90 euros?")}

    return compiled(ask, state=Notice)
"""

NOTICE_BY_COMMAND = """
from langgraph.types import Command


def build_notice(send):
    def first(state: Notice):
        send(state["to"])
        return Command(goto="second")

    def second(state: Notice):
        return Command(update={"decision": interrupt({"question": "Refund 12.90 euros?"})})

    builder = StateGraph(Notice).add_node("first", first, destinations=("second",))
    builder.add_node(second).add_edge(START, "first")
    return builder.compile(checkpointer=InMemorySaver())
"""

NOTICE_WITH_A_FLAG = """
class Flagged(TypedDict, total=False):
    to: str
    told: bool
    decision: str


def build_notice(send):
    def notify(state: Flagged) -> Flagged:
        if not state.get("told"):
            send(state["to"])
        return {"told": True}

    def ask(state: Flagged) -> Flagged:
        return {"decision": interrupt("Refund 12.90 euros?")}

    builder = StateGraph(Flagged).add_sequence([notify, ask]).add_edge(START, "notify")
    return builder.compile(checkpointer=InMemorySaver())
"""

NOTICE_REMEMBERS_NAMES = """
def build_notice(send):
    told = set()

    def ask(state: Notice) -> Notice:
        if state["to"] not in told:
            told.add(state["to"])
            send(state["to"])
        return {"decision": interrupt("Refund 12.90 euros?")}

    return compiled(ask, state=Notice)
"""

NOTICE_COUNTS_STARTS = """
def build_notice(send):
    starts = []

    def ask(state: Notice) -> Notice:
        starts.append(state["to"])
        if len(starts) % 2:
            send(state["to"])
        return {"decision": interrupt("Refund 12.90 euros?")}

    return compiled(ask, state=Notice)
"""

ORDER_IN_ONE_NODE = """
from typing import Annotated

from pydantic import AfterValidator


def build_order(limit, place):
    def within(number: int) -> int:
        if not 1 <= number <= limit:
            raise ValueError(f"between 1 and {limit}, please")
        return number

    def ask(state: Stock) -> Stock:
        schema = Annotated[int, AfterValidator(within)]
        quantity = interrupt("How many?", response_schema=schema)
        place(quantity)
        return {"quantity": quantity}

    return compiled(ask, state=Stock)
"""

ORDER_WITH_CONINT = """
from pydantic import conint


def build_order(limit, place):
    def ask(state: Stock) -> Stock:
        return {"quantity": interrupt("How many?", response_schema=conint(ge=1, le=limit))}

    def order(state: Stock) -> Stock:
        place(state["quantity"])
        return {}

    return compiled(ask, order, state=Stock)
"""

ORDER_CHECKED_IN_THE_NODE = """
def build_order(limit, place):
    def ask(state: Stock) -> Stock:
        quantity = interrupt("How many?")
        if not isinstance(quantity, int) or not 1 <= quantity <= limit:
            raise ValueError("between 1 and the limit, please")
        return {"quantity": quantity}

    def order(state: Stock) -> Stock:
        place(state["quantity"])
        return {}

    return compiled(ask, order, state=Stock)
"""

CASES = {
    "move_the_effect": Cases(
        right=[NOTICE_BY_COMMAND, NOTICE_WITH_A_FLAG],
        wrong=[
            ("returns-nothing", "def build_notice(send):\n    done = 1"),
            ("sends-twice", ONE_NODE_NOTICE),
            ("notifies-too-late", but(NOTICE_SOLUTION, ("(notify, ask,", "(ask, notify,"))),
            (
                "loses-the-answer",
                but(NOTICE_SOLUTION, ('{"decision": interrupt(', '{"to": interrupt(')),
            ),
            ("asks-nobody", but(NOTICE_SOLUTION, ("(notify, ask,", "(notify,"))),
            ("asks-something-else", but(NOTICE_SOLUTION, ("Refund 12.90 euros?", "Well?"))),
            (
                "no-checkpointer",
                "def build_notice(send):\n"
                "    return StateGraph(Notice).add_node('n', len).add_edge(START, 'n').compile()",
            ),
        ],
        cheats=[NOTICE_REMEMBERS_NAMES, NOTICE_COUNTS_STARTS],
    ),
    "add_the_schema": Cases(
        right=[ORDER_IN_ONE_NODE, ORDER_WITH_CONINT],
        wrong=[
            ("returns-nothing", "def build_order(limit, place):\n    done = 1"),
            ("accepts-anything", but(ORDER_SOLUTION, (", response_schema=Quantity", ""))),
            ("accepts-anything", but(ORDER_SOLUTION, ("ge=1, le=limit", "ge=1"))),
            ("accepts-anything", but(ORDER_SOLUTION, ("ge=1, le=limit", "le=limit"))),
            ("accepts-anything", but(ORDER_SOLUTION, ("ge=1", "ge=0"))),
            ("accepts-anything", but(ORDER_SOLUTION, ("Annotated[int", "Annotated[float"))),
            ("checks-too-late", but(ORDER_SOLUTION, ("le=limit", "lt=limit"))),
            ("checks-too-late", ORDER_CHECKED_IN_THE_NODE),
            (
                "places-something-else",
                but(
                    ORDER_SOLUTION,
                    ("    def ask(", "    asked = []\n\n    def ask("),
                    ('        return {"quantity"', '        place(0)\n        return {"quantity"'),
                ),
            ),
            (
                "asks-nobody",
                but(ORDER_SOLUTION, ('interrupt("How many?", response_schema=Quantity)', "1")),
            ),
        ],
        cheats=[but(ORDER_SOLUTION, ("le=limit", "le=39"))],
    ),
    "show_what_matters": Cases(
        right=[
            "def discount_request(case):\n"
            "    args = {name: case[name] for name in ('customer', 'percent')}\n"
            "    facts = {'percent': {'this customer usually gets': str(case['usual'])}}\n"
            "    return dict(action='discount', args=args, facts=facts, reason=case['mail'])",
            "def discount_request(case):\n"
            "    shown = {'action': 'discount', 'reason': case['mail'], 'allow': ['approve']}\n"
            "    shown['args'] = {'customer': case['customer'], 'percent': case['percent']}\n"
            "    shown['facts'] = {'percent': {'usual': case['usual']}, 'customer': {}}\n"
            "    return shown",
        ],
        wrong=[
            (
                "no-dictionary",
                but(DISCOUNT_SOLUTION, ("return {", "return str({"), ("    }\n", "    })\n")),
            ),
            (
                "another-action",
                but(DISCOUNT_SOLUTION, ('"action": "discount"', '"action": "give"')),
            ),
            (
                "another-argument",
                but(DISCOUNT_SOLUTION, ('"percent": case["percent"]', '"percent": case["usual"]')),
            ),
            (
                "another-argument",
                but(DISCOUNT_SOLUTION, ('"args": {', '"args": {"usual": case["usual"], ')),
            ),
            ("hides-the-fact", but(DISCOUNT_SOLUTION, ('{"percent": {', '{"customer": {'))),
            (
                "hides-the-fact",
                but(DISCOUNT_SOLUTION, ('{"usual": case["usual"]}', '{"usual": case["percent"]}')),
            ),
            (
                "fact-not-comparable",
                but(DISCOUNT_SOLUTION, ('{"usual": case["usual"]}', "f\"{case['usual']} %\"")),
            ),
            (
                "hides-the-mail",
                but(DISCOUNT_SOLUTION, ('"reason": case["mail"]', '"reason": "a discount"')),
            ),
            ("shows-internals", but(DISCOUNT_SOLUTION, ("return {", 'return {"case": case,'))),
        ],
        cheats=[but(DISCOUNT_SOLUTION, ('{"usual": case["usual"]}', '{"usual": 10}'))],
    ),
    "approve_an_email": Cases(
        right=[COMMAND_AND_LEDGER, SENDS_WHERE_IT_ASKS],
        wrong=[
            (
                "returns-nothing",
                "def build_email_agent(draft, send):\n    builder = StateGraph(dict)",
            ),
            ("drafts-again-on-resume", ONE_NODE),
            (
                "no-checkpointer",
                but(EMAIL_SOLUTION, ("compile(checkpointer=InMemorySaver())", "compile()")),
            ),
            (
                "sends-before-approval",
                but(
                    EMAIL_SOLUTION,
                    (
                        'return {"letter": draft(state["to"], feedback)}',
                        'send("", ""); return {"letter": draft(state["to"], feedback)}',
                    ),
                ),
            ),
            (
                "asks-nobody",
                but(
                    EMAIL_SOLUTION,
                    ("interrupt(request)", "{}"),
                    (
                        'if decision["type"] == "reject":',
                        "if not decision: return Command(goto=END)\n        if False:",
                    ),
                ),
            ),
            (
                "does-not-show-the-letter",
                but(EMAIL_SOLUTION, ("interrupt(request)", 'interrupt("Send it?")')),
            ),
            (
                "ignores-the-edit",
                but(EMAIL_SOLUTION, ('["type"] == "edit"', '["type"] == "never"')),
            ),
            (
                "ignores-the-rejection",
                but(EMAIL_SOLUTION, ('if decision["type"] == "reject":', "if False:")),
            ),
            ("a-no-ends-it", but(EMAIL_SOLUTION, ('goto="write"', "goto=END"))),
            (
                "asks-again-with-the-same-letter",
                but(
                    EMAIL_SOLUTION,
                    ('goto="write"', 'goto="ask"'),
                    ('Literal["write", "deliver"]', 'Literal["ask", "deliver"]'),
                ),
            ),
            (
                "forgets-the-reason",
                but(EMAIL_SOLUTION, ('draft(state["to"], feedback)', 'draft(state["to"], "")')),
            ),
            (
                "sends-a-rejected-letter",
                but(
                    EMAIL_SOLUTION,
                    (
                        'return {"letter": draft(state["to"], feedback)}',
                        'new = draft(state["to"], feedback)\n'
                        '        return {"letter": new, "first": state.get("first") or new}',
                    ),
                    ("    letter: str\n", "    letter: str\n    first: str\n"),
                    (
                        'args = {"to": state["to"], "letter": state["letter"]}\n        if',
                        'args = {"to": state["to"], "letter": state["first"]}\n        if',
                    ),
                ),
            ),
            (
                "mixes-up-two-threads",
                but(
                    EMAIL_SOLUTION,
                    (
                        'return {"letter": draft(state["to"], feedback)}',
                        'desk["letter"] = draft(state["to"], feedback); return {}',
                    ),
                    ('state["letter"]', 'desk["letter"]'),
                    ("    def write(", "    desk = {}\n\n    def write("),
                ),
            ),
            (
                "mixes-up-two-threads",
                but(
                    EMAIL_SOLUTION,
                    ('state.get("feedback", "")', 'desk.get("feedback", "")'),
                    (
                        'feedback = {"feedback": decision["message"]}',
                        'desk["feedback"] = decision["message"]',
                    ),
                    ('goto="write", update=feedback', 'goto="write"'),
                    ("    def write(", "    desk = {}\n\n    def write("),
                ),
            ),
            (
                "never-sends",
                but(EMAIL_SOLUTION, ("send(**args)", "args")),
            ),
            (
                "sends-twice",
                but(EMAIL_SOLUTION, ("send(**args)", "send(**args); send(**args)")),
            ),
        ],
        cheats=[
            but(
                EMAIL_SOLUTION,
                (
                    "        send(**args)",
                    '        if args["to"] not in told:\n            send(**args)\n'
                    '        told.add(args["to"])',
                ),
                ("    def write(", "    told = set()\n\n    def write("),
            )
        ],
        raised=[
            (
                "KeyError",
                but(EMAIL_SOLUTION, ('state["decision"]', 'state["answer"]')),
            )
        ],
    ),
}
