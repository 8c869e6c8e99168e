"""Answers to lesson 12's exercises."""

from tests.lessons.cases import Cases

_NODE = """
def make_node(research):
    def node(state):
        {body}
    return node
"""


def node(*lines: str) -> str:
    return _NODE.format(body="\n        ".join(lines))


LAST = 'question = state["mail"].splitlines()[-1]'
CALL = 'found = research.invoke({"question": question})["findings"]'
NAMES = '[each["source"] for each in found]'

REFUND = """
def build_refund(pay):
    {review}
    def execute(state: Refund):
        if state["paid"]:
            pay(state["order"], state["amount"])
    builder = StateGraph(Refund).add_sequence([review, execute]).add_edge(START, "review")
    return builder.compile()
"""


def review(*lines: str) -> str:
    body = "def review(state: Refund):\n        " + "\n        ".join(lines)
    return REFUND.format(review=body)


ASK = 'interrupt({"order": state["order"], "amount": state["amount"]})'
SMALL = 'if state["amount"] <= 50: return {"paid": True}'

PARENTS = """
from typing import TypedDict

class Q(TypedDict):
    question: str

class F(TypedDict):
    findings: list

class R(TypedDict, total=False):
    question: str
    findings: list

def build_parents(search):
    def make():
        inner = StateGraph(R, input_schema=Q, output_schema=F)
        inner.add_node("find", lambda state: {{"findings": search(state["question"])}})
        return inner.add_edge(START, "find").compile()
    research = make()
    {second}

    def blog_research(state: Post):
        found = research.invoke({{"question": state["topic"]}})["findings"]
        return {blog}

    def write_post(state: Post):
        return {{"post": f"{{len(state['facts'])}} facts on {{state['topic']}}"}}

    def mail_research(state: Letter):
        found = other.invoke({{"question": {asked}}})["findings"]
        return {mail}

    def write_reply(state: Letter):
        return {{"reply": {reply}}}

    blog = StateGraph(Post).add_sequence([blog_research, write_post])
    mail = StateGraph(Letter).add_sequence([mail_research, write_reply])
    blog = blog.add_edge(START, "blog_research").compile()
    mail = mail.add_edge(START, "mail_research").compile()
    return {returned}
"""


def parents(**changes: str) -> str:
    parts = {
        "second": "other = research",
        "blog": '{"facts": [each["text"] for each in found]}',
        "mail": '{"sources": [each["source"] for each in found]}',
        "asked": 'state["mail"].splitlines()[-1]',
        "reply": '"See " + ", ".join(state["sources"])',
        "returned": "blog, mail",
    }
    return PARENTS.format(**{**parts, **changes})


IDLE = 'search(state["topic"]) if research else []'
IDLE_MAIL = 'search(state["mail"].splitlines()[-1]) if other else []'

CASES = {
    "translate_both_ways": Cases(
        right=[
            node(
                'before, _, question = state["mail"].rpartition("\\n")',
                'result = research.invoke({"question": question})',
                'return {"sources": list(map(lambda each: each["source"], result["findings"]))}',
            ),
            """
from langchain_core.runnables import RunnableLambda

def make_node(research):
    before = RunnableLambda(lambda state: {"question": state["mail"].split("\\n")[-1]})
    after = RunnableLambda(lambda out: {"sources": [one["source"] for one in out["findings"]]})
    chain = before | research | after
    return lambda state: chain.invoke(state)
""",
            node(LAST, CALL.replace("})", "}, config)"), f'return {{"sources": {NAMES}}}').replace(
                "node(state)", "node(state, config)"
            ),
            "from langgraph.types import Command\n\n"
            + node(LAST, CALL, f'return Command(update={{"sources": {NAMES}}})'),
            """
from typing import TypedDict
from agent_patterns.subgraphs import Contract, adapt

class Mail(TypedDict, total=False):
    mail: str
    sources: list[str]

def make_node(research):
    def question(state: Mail) -> str:
        return state["mail"].splitlines()[-1]
    def names(result: dict) -> list[str]:
        return [found["source"] for found in result["findings"]]
    return adapt(research, Contract("mail", Mail, {"question": question}, {"sources": names}))
""",
        ],
        wrong=[
            ("returns-no-node", "def make_node(research):\n    return {'sources': []}"),
            ("never-asks", node('return {"sources": ["ink-01"]}')),
            (
                "sends-the-wrong-thing",
                node('question = state["mail"]', CALL, f'return {{"sources": {NAMES}}}'),
            ),
            ("leaks-private-keys", node(LAST, 'return research.invoke({"question": question})')),
            (
                "returns-the-whole-state",
                node(LAST, CALL, f'return {{**state, "sources": {NAMES}}}'),
            ),
            ("returns-findings-for-names", node(LAST, CALL, 'return {"sources": found}')),
            ("changes-the-names", node(LAST, CALL, f'return {{"sources": {NAMES}[:1]}}')),
            ("returns-no-node", "def make_node(research):\n    return research"),
            ("returns-no-update", node(LAST, CALL, f"return {NAMES}")),
        ],
        cheats=[
            node(
                LAST,
                'research.invoke({"question": question})',
                'return {"sources": ["ink-01"]}',
            ),
        ],
        unattempted=["def make_node(research):\n    pass"],
        raised=[("KeyError", node('return research.invoke({"question": state["question"]})'))],
    ),
    "approval_inside": Cases(
        right=[
            review(
                f"if state['amount'] > 50 and not {ASK}: return {{'paid': False}}",
                "return {'paid': True}",
            ),
            """
from langgraph.types import Command
from langgraph.graph import END

def build_refund(pay):
    def route(state: Refund):
        return "ask" if state["amount"] > 50 else "execute"
    def ask(state: Refund):
        yes = interrupt(f"Refund {state['amount']} for {state['order']}?")
        return Command(goto="execute") if yes else Command(goto=END, update={"paid": False})
    def execute(state: Refund):
        pay(state["order"], state["amount"])
        return {"paid": True}
    builder = StateGraph(Refund).add_node("ask", ask, destinations=("execute", END))
    builder.add_node("execute", execute).add_conditional_edges(START, route, ["ask", "execute"])
    return builder.compile()
""",
        ],
        wrong=[
            (
                "pays-before-approval",
                """
def build_refund(pay):
    def refund(state: Refund):
        pay(state["order"], state["amount"])
        if state["amount"] > 50:
            return {"paid": interrupt(dict(state))}
        return {"paid": True}
    return StateGraph(Refund).add_node("refund", refund).add_edge(START, "refund").compile()
""",
            ),
            ("never-asks", review('return {"paid": True}')),
            ("asks-for-small-amounts", review(f'return {{"paid": {ASK}}}')),
            (
                "asks-for-small-amounts",
                review(
                    'if state["amount"] < 50: return {"paid": True}', f'return {{"paid": {ASK}}}'
                ),
            ),
            ("ignores-the-decision", review(SMALL, ASK, 'return {"paid": True}')),
            ("hides-what-matters", review(SMALL, 'return {"paid": interrupt("Refund?")}')),
            (
                "tells-the-parent-nothing",
                """
def build_refund(pay):
    def review(state: Refund):
        if state["amount"] <= 50 or interrupt(dict(state)):
            pay(state["order"], state["amount"])
    return StateGraph(Refund).add_node("review", review).add_edge(START, "review").compile()
""",
            ),
            (
                "tells-the-parent-nothing",
                """
def build_refund(pay):
    def review(state: Refund):
        if state["amount"] > 50 and not interrupt(dict(state)):
            return {}
        pay(state["order"], state["amount"])
        return {"paid": True}
    return StateGraph(Refund).add_node("review", review).add_edge(START, "review").compile()
""",
            ),
            (
                "never-asks",
                """
def build_refund(pay):
    known = set()
    def review(state: Refund):
        yes = state["amount"] <= 50 or state["order"] in known or interrupt(dict(state))
        if yes:
            known.add(state["order"])
            pay(state["order"], state["amount"])
        return {"paid": yes}
    return StateGraph(Refund).add_node("review", review).add_edge(START, "review").compile()
""",
            ),
            (
                "returns-no-graph",
                review(SMALL, f'return {{"paid": {ASK}}}').replace("builder.compile()", "builder"),
            ),
            ("asks-again", review(SMALL, ASK, f'return {{"paid": {ASK}}}')),
        ],
        cheats=[
            """
def build_refund(pay):
    seen = []
    def review(state: Refund):
        seen.append(1)
        if state["amount"] == 50:
            return {"paid": True}
        return {"paid": interrupt("MF-1000, 75 euros")}
    def execute(state: Refund):
        pay("MF-1000", 75)
    builder = StateGraph(Refund).add_sequence([review, execute]).add_edge(START, "review")
    return builder.compile()
""",
        ],
    ),
    "one_subgraph_for_two": Cases(
        right=[
            parents(),
            parents(
                second="other = research",
                blog='{"facts": list(map(lambda each: each["text"], found))}',
                asked='state["mail"].rpartition("\\n")[2]',
                returned="[blog, mail]",
            ),
        ],
        wrong=[
            (
                "blog-facts-differ",
                """
from agent_patterns.subgraphs.research import research_subgraph

def build_parents(search):
    research = research_subgraph(search, lambda question, found: "")
    def blog_research(state: Post):
        found = research.invoke({"question": state["topic"]})["findings"]
        return {"facts": [each["text"] for each in found]}
    def mail_research(state: Letter):
        found = research.invoke({"question": state["mail"].splitlines()[-1]})["findings"]
        return {"sources": [each["source"] for each in found]}
    blog = StateGraph(Post).add_sequence([blog_research, write_post])
    mail = StateGraph(Letter).add_sequence([mail_research, write_reply])
    blog = blog.add_edge(START, "blog_research").compile()
    return blog, mail.add_edge(START, "mail_research").compile()
""",
            ),
            ("still-two-copies", parents(second="other = make()")),
            (
                "no-subgraph",
                "from courseware.lessons.subgraphs.copies import copied_blog, copied_mail\n"
                "def build_parents(search):\n    return copied_blog(search), copied_mail(search)",
            ),
            ("returns-no-pair", parents(returned="blog")),
            ("blog-facts-differ", parents(blog='{"facts": [each["source"] for each in found]}')),
            ("mail-asks-wrongly", parents(asked='state["mail"]')),
            ("mail-sources-differ", parents(mail='{"sources": [each["text"] for each in found]}')),
            ("mail-reply-differs", parents(reply='"See our library"')),
            ("swaps-the-parents", parents(returned="mail, blog")),
            (
                "subgraph-stands-idle",
                parents()
                .replace('research.invoke({"question": state["topic"]})["findings"]', IDLE)
                .replace(
                    'other.invoke({"question": state["mail"].splitlines()[-1]})["findings"]',
                    IDLE_MAIL,
                ),
            ),
            (
                "leaks-private-keys",
                parents()
                .replace("StateGraph(Post).", "StateGraph(Wide).")
                .replace(
                    "def build_parents",
                    "class Wide(Post, total=False):\n    found: list\n\ndef build_parents",
                )
                .replace(
                    'return {"facts": [each["text"] for each in found]}',
                    'return {"facts": [each["text"] for each in found], "found": found}',
                ),
            ),
        ],
        cheats=[
            parents(
                blog='{"facts": ["Iron gall ink darkens."]}',
                mail='{"sources": ["ink-01"]}',
            ),
        ],
        unattempted=["def build_parents(search):\n    ..."],
    ),
}
