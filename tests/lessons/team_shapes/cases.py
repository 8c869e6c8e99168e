"""Answers to lesson 11's exercises."""

from tests.lessons.cases import Cases

from courseware.lessons import exercise

PIPELINE_SOLUTION, DESKS_SOLUTION, TEAM_SOLUTION = (
    exercise(f"11.{number}").solution_code for number in (1, 2, 3)
)


def but(solution: str, *changes: tuple[str, str]) -> str:
    """The solution with some of its text replaced; every replacement must find its place."""
    for old, new in changes:
        assert old in solution, old
        solution = solution.replace(old, new)
    return solution


RESUME_BY_STATE = """
class Order(TypedDict, total=False):
    value: str
    result: str


def build_pipeline(stages, checkpointer):
    builder = StateGraph(Order)
    for name, function in stages:
        def run(state, name=name, function=function):
            try:
                result = function(state.get("result", state["value"]))
            except Exception as cause:
                cause.args = (f"{name}: {cause}",)
                raise
            return {"result": result}

        builder.add_node(name, run)
    builder.add_sequence if False else None
    names = [START, *[name for name, _ in stages], END]
    for one, other in zip(names, names[1:]):
        builder.add_edge(one, other)
    return builder.compile(checkpointer)
"""

TYPED = """
class Order(TypedDict, total=False):
    value: str
    result: str


def build_pipeline(stages, checkpointer):
    from agent_patterns.teams import pipeline
    from agent_patterns.teams.pipeline import stage

    def typed(name, function):
        def run(value: str) -> str:
            return function(value)

        return stage(run, name)

    return pipeline([typed(*entry) for entry in stages], checkpointer=checkpointer)
"""

LIBRARY = """
def build_pipeline(stages, checkpointer):
    from agent_patterns.teams import pipeline
    from agent_patterns.teams.pipeline import stage

    return pipeline([stage(run, name) for name, run in stages], checkpointer=checkpointer)
"""

NOTED = but(
    PIPELINE_SOLUTION,
    (
        'raise RuntimeError(f"Stage {name!r} failed: {error}") from error',
        'error.add_note(f"Stage {name!r}")\n                raise',
    ),
)

SEND = """
import operator
from typing import Annotated

from langgraph.types import Send


class Desks(TypedDict, total=False):
    task: str
    desk: str
    answers: Annotated[dict, lambda old, new: {**old, **new}]
    failed: Annotated[dict, lambda old, new: {**old, **new}]


def build_desks(desks):
    functions = dict(desks)

    def work(state):
        name = state["desk"]
        try:
            text = functions[name](state["task"])
        except Exception as error:
            return {"failed": {name: repr(error)}}
        return {"answers": {name: text}}

    builder = StateGraph(Desks).add_node("work", work)
    builder.add_conditional_edges(
        START, lambda s: [Send("work", {"task": s["task"], "desk": n}) for n in functions], ["work"]
    )
    return builder.compile()
"""

THREADS = """
from concurrent.futures import ThreadPoolExecutor


class Desks(TypedDict, total=False):
    task: str
    answers: dict
    failed: dict


def build_desks(desks):
    def everybody(state):
        answers, failed = {}, {}
        with ThreadPoolExecutor(len(desks)) as pool:
            asked = {name: pool.submit(function, state["task"]) for name, function in desks}
            for name, future in asked.items():
                error = future.exception()
                if error:
                    failed[name] = str(error)
                else:
                    answers[name] = future.result()
        return {"answers": answers, "failed": failed}

    builder = StateGraph(Desks).add_node("everybody", everybody).add_edge(START, "everybody")
    return builder.compile()
"""

LOOP = """
class Desks(TypedDict, total=False):
    task: str
    answers: dict
    failed: dict


def build_desks(desks):
    def everybody(state):
        answers, failed = {}, {}
        for name, function in desks:
            try:
                answers[name] = function(state["task"])
            except Exception as error:
                failed[name] = str(error)
        return {"answers": answers, "failed": failed}

    return StateGraph(Desks).add_node("all", everybody).add_edge(START, "all").compile()
"""

BY_HEART = """
class Desks(TypedDict, total=False):
    task: str
    answers: dict
    failed: dict


def build_desks(desks):
    def answer(state):
        return {"answers": {name: f"{name} on {state['task']}" for name, _ in desks}, "failed": {}}

    return StateGraph(Desks).add_node("all", answer).add_edge(START, "all").compile()
"""

FOUR_NAMES = but(
    PIPELINE_SOLUTION,
    ("for name, function in stages:", "for name, function in stages[:4]:"),
    ("Stage {name!r} failed", "One of validate, charge, enrich, store failed"),
)

MANY = """
my_points = ["postage to other countries", "how long dye inks take to dry",
             "who approves refunds above 500 euros", "when customer service answers",
             "the alarm of the on-call desk", "greeting cards"]
"""

ONE_AFTER_ANOTHER = (
    MANY
    + """
def my_team(llm, points):
    def writer(point):
        clerk = create_agent(llm, [search_library], system_prompt=(
            "You answer in one sentence. Search the library for each point of the task. "
            "Claim nothing that it does not say. Every claim cites a source as [id]."))

        def work(page: str) -> str:
            asked = {"messages": [("user", f"Write one sentence about {point}.")]}
            return page + clerk.invoke(asked)["messages"][-1].text + " "

        work.__name__ = "_".join(point.split())
        return work

    def start(task: str) -> str:
        return ""

    def end(page: str) -> str:
        return page + "Please write to us if you have any questions."

    stages = [start, *[writer(point) for point in points], end]
    graph = pipeline(stages)

    class Wrapped:
        def invoke(self, state):
            return {"result": graph.invoke({"value": state["task"]})["result"]}

    return Wrapped()
"""
)

FANNED_OUT = (
    MANY
    + """
import operator
from typing import Annotated

from langgraph.types import Send


class Desk(TypedDict, total=False):
    point: str
    lines: Annotated[list[tuple[int, str]], operator.add]
    result: str
    number: int


def my_team(llm, points):
    agent = create_agent(llm, [search_library], system_prompt=(
        "You answer in one sentence. Search the library for each point of the task. "
        "Claim nothing that it does not say. Every claim cites a source as [id]."))
    member = chat_agent("desk", "answers one point", agent)

    def split(state):
        return [Send("desk", {"point": p, "number": n}) for n, p in enumerate(points)]

    def desk(state):
        said = member.work(member.assignment(f"Write one sentence about {state['point']}.", {}))
        return {"lines": [(state["number"], said.text)]}

    def page(state):
        lines = [line for _, line in sorted(state["lines"])]
        return {"result": "\\n".join([*lines, "Please contact us if you have any questions."])}

    builder = StateGraph(Desk).add_node(desk).add_node(page)
    builder.add_conditional_edges(START, split, ["desk"])
    return builder.add_edge("desk", "page").add_edge("page", END).compile()
"""
)

ONE_AGENT_UNTOLD = (
    MANY
    + """
def my_team(llm, points):
    from courseware.lessons.team_shapes.crew import crew, one_agent

    return one_agent(llm, crew(llm))
"""
)
FIRST_POINT_ALONE = but(TEAM_SOLUTION, ("enumerate(points)", "enumerate(points[:1])"))

DEAR_TEAM = but(
    TEAM_SOLUTION,
    (
        '        return {"lines": [said',
        "        for _ in range(3):\n            clerk.invoke(asked_again(asked))\n"
        '        return {"lines": [said',
    ),
    (
        "def my_team",
        'def asked_again(asked):\n    return {"messages": [("user", asked)]}\n\n\ndef my_team',
    ),
)

PREPARED = (
    MANY
    + """
PAGE = "Parcels to all other countries cost 14.00 euros. [ship-01] Please contact us."


class Ready(TypedDict, total=False):
    result: str


def my_team(llm, points):
    builder = StateGraph(Ready).add_node("page", lambda state: {"result": PAGE})
    return builder.add_edge(START, "page").compile()
"""
)

PREPARED_WITH_CALLS = PREPARED.replace(
    "    builder = ", "    llm.invoke('Say hello.')\n    llm.invoke('Say hello.')\n    builder = "
)

PREPARED_FOR_ALL = PREPARED_WITH_CALLS.replace(
    'PAGE = "',
    'PAGE = "Dye inks dry in about ten seconds. [ink-02] Gift wrapping costs 2.50 euros. [gift-01] '
    "A fountain pen should be rinsed with cool water every six weeks. [pen-02] Refunds above 500 "
    "euros also need the approval of Ines. [ret-02] The alarm goes to Ines. [desk-01] A greeting "
    "card with up to forty words is free of charge. [gift-01] Customer service answers from "
    "Monday to Friday. [cs-01] ",
)

BY_SEARCH_ALONE = (
    MANY
    + """
def my_team(llm, points):
    from courseware.lessons.shop import search

    class Searched:
        def invoke(self, state):
            found = [search(point)[0] for point in points]
            lines = [f"{one.sentences[0]} [{one.id}]" for one in found]
            return {"result": " ".join([*lines, "Please contact us."])}

    return Searched()
"""
)


CASES = {
    "pipeline_that_resumes": Cases(
        right=[RESUME_BY_STATE, TYPED, LIBRARY, NOTED],
        wrong=[
            (
                "returns-nothing",
                "def build_pipeline(stages, checkpointer):\n    names = dict(stages)",
            ),
            (
                "repeats-finished-stages",
                """
class Order(TypedDict, total=False):
    value: str
    result: str


def build_pipeline(stages, checkpointer):
    def everything(state):
        value = state["value"]
        for name, function in stages:
            try:
                value = function(value)
            except Exception as error:
                raise RuntimeError(f"{name} failed") from error
        return {"result": value}

    builder = StateGraph(Order).add_node(everything)
    builder.add_edge(START, "everything").add_edge("everything", END)
    return builder.compile(checkpointer=checkpointer)
""",
            ),
            (
                "runs-the-last-stage-only",
                """
class Order(TypedDict, total=False):
    value: str
    result: str


def build_pipeline(stages, checkpointer):
    builder = StateGraph(Order)
    previous = START
    for name, function in stages:
        def run(state):
            try:
                value = function(state["value"])
            except Exception as error:
                raise RuntimeError(f"{name} failed") from error
            return {"value": value, "result": value}

        builder.add_node(name, run)
        builder.add_edge(previous, name)
        previous = name
    return builder.compile(checkpointer=checkpointer)
""",
            ),
            (
                "hides-the-stage",
                but(
                    PIPELINE_SOLUTION,
                    ('RuntimeError(f"Stage {name!r} failed: {error}")', 'RuntimeError("failed")'),
                ),
            ),
            (
                "hides-the-cause",
                but(
                    PIPELINE_SOLUTION,
                    (
                        'RuntimeError(f"Stage {name!r} failed: {error}") from error',
                        'RuntimeError(f"{name} failed")',
                    ),
                ),
            ),
            (
                "hides-the-cause",
                but(PIPELINE_SOLUTION, ('{error}") from error', '{error}") from None')),
            ),
            (
                "forgets-the-checkpointer",
                but(PIPELINE_SOLUTION, ("compile(checkpointer=checkpointer)", "compile()")),
            ),
            (
                "forgets-the-checkpointer",
                "from langgraph.checkpoint.memory import InMemorySaver\n\n\n"
                + but(PIPELINE_SOLUTION, ("(checkpointer=checkpointer)", "(InMemorySaver())")),
            ),
            (
                "tries-again-by-itself",
                "from langgraph.types import RetryPolicy\n\n\n"
                + but(
                    PIPELINE_SOLUTION,
                    (
                        "node(name, function))",
                        "node(name, function),\n            retry_policy=RetryPolicy("
                        "max_attempts=2, initial_interval=0, jitter=False, retry_on=Exception))",
                    ),
                ),
            ),
            (
                "swallows-the-failure",
                but(
                    PIPELINE_SOLUTION,
                    (
                        'raise RuntimeError(f"Stage {name!r} failed: {error}") from error',
                        'return {"result": f"Stage {name!r} failed: {error}"}',
                    ),
                ),
            ),
            (
                "mixes-up-orders",
                but(
                    PIPELINE_SOLUTION,
                    ("    def node(name", "    values = {}\n\n    def node(name"),
                    (
                        'value = function(state["value"])',
                        'value = function(values.get("now") or state["value"])',
                    ),
                    (
                        'return {"value": value, "result": value}',
                        'values["now"] = value\n'
                        '            return {"value": value, "result": value}',
                    ),
                ),
            ),
        ],
        cheats=[FOUR_NAMES],
    ),
    "parallel_desks": Cases(
        right=[SEND, THREADS],
        wrong=[
            ("returns-nothing", "def build_desks(desks):\n    names = dict(desks)"),
            ("returns-no-graph", "def build_desks(desks):\n    return dict(desks)"),
            ("one-after-another", LOOP),
            (
                "has-no-reducer",
                but(DESKS_SOLUTION, ("answers: Annotated[dict, operator.or_]", "answers: dict")),
            ),
            (
                "one-failure-loses-all",
                but(DESKS_SOLUTION, ("except Exception as error", "except KeyError as error")),
            ),
            (
                "one-failure-loses-all",
                but(DESKS_SOLUTION, ("except Exception as error", "except OSError as error")),
            ),
            ("does-not-say-who-failed", but(DESKS_SOLUTION, ("name: str(error)", "name: error"))),
            (
                "not-each-desk-once",
                but(
                    DESKS_SOLUTION,
                    (
                        "    def node(name, function):\n        def work",
                        "    def node(*_):\n        def work",
                    ),
                ),
            ),
            (
                "does-not-say-who-failed",
                but(
                    DESKS_SOLUTION, ('{"failed": {name: str(error)}}', '{"failed": {"desk": name}}')
                ),
            ),
            (
                "wrong-answers",
                but(
                    DESKS_SOLUTION,
                    ('{"failed": {name: str(error)}}', '{"answers": {name: str(error)}}'),
                ),
            ),
        ],
        cheats=[BY_HEART],
    ),
    "beat_one_agent": Cases(
        right=[ONE_AFTER_ANOTHER, FANNED_OUT],
        wrong=[
            ("returns-nothing", MANY + "def my_team(llm, points):\n    points.sort()"),
            ("returns-no-graph", MANY + "def my_team(llm, points):\n    return 'a page'"),
            ("page-without-sources", ONE_AGENT_UNTOLD),
            ("one-agent-is-better", FIRST_POINT_ALONE),
            ("costs-too-much", DEAR_TEAM),
            ("asks-no-model", BY_SEARCH_ALONE),
            (
                "not-five-or-six-points",
                TEAM_SOLUTION.replace('    "the best humidity for paper",\n', ""),
            ),
            (
                "not-five-or-six-points",
                but(TEAM_SOLUTION, ("the best humidity for paper", "returning unused goods")),
            ),
            ("unknown-point", but(TEAM_SOLUTION, ("the best humidity for paper", "zeppelins"))),
            ("points-are-no-list", "my_points = 'pens'\n\ndef my_team(llm, points):\n    return 1"),
            (
                "page-without-sources",
                but(TEAM_SOLUTION, ('*state["lines"], ', "")),
            ),
            ("no-page", but(TEAM_SOLUTION, ('{"result":', '{"task":'))),
        ],
        cheats=[PREPARED, PREPARED_WITH_CALLS, PREPARED_FOR_ALL],
    ),
}
