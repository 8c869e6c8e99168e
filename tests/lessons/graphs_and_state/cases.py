"""Answers to lesson 01's exercises."""

# ruff: noqa: E501

from tests.lessons.cases import Cases

NEEDS = "from agent_patterns.state import Needs\n"
GOOD = {
    "A": "Needs()",
    "B": "Needs(tools=True)",
    "C": "Needs(tools=True, human_approval=True)",
    "D": "Needs(loops=True)",
    "E": "Needs(parallel_steps=True)",
}


def needs(**changed: str) -> str:
    """Return an answer to 01.1 in which some tasks differ from the good one."""
    lines = [f'    "{task}": {need},' for task, need in {**GOOD, **changed}.items()]
    return "\n".join([f"{NEEDS}needs = {{", *lines, "}"])


STATE = (
    "from typing import Annotated, TypedDict\nfrom agent_patterns.state import *\nimport operator\n"
)

LOOP = """
def build(generate, test, most):
    def step(state):
        attempts = state.get("attempts", 0) + 1
        code = generate(state["task"], {report})
        report = test(code)
        status = {status}
        found = {{"code": code, "report": report, "attempts": attempts}}
        return {{**found, "status": status}} if status else found

    builder = StateGraph(Job)
    builder.add_node("step", step)
    builder.add_edge(START, "step")
    builder.add_conditional_edges("step", lambda state: {route}, ["step", END])
    return builder.{compile}
"""


def loop(
    report: str = 'state.get("report", "")',
    status: str = '"passed" if report == "passed" else "gave up" if attempts >= most else ""',
    route: str = 'END if state.get("status") else "step"',
    compile: str = "compile()",
) -> str:
    """Return an answer to 01.4."""
    return LOOP.format(report=report, status=status, route=route, compile=compile)


CASES = {
    "choose_by_need": Cases(
        right=[
            needs(C="Needs(tools=True, human_approval=True, survives_restart=True)"),
            needs(D="Needs(loops=True, shared_state=True)", E="Needs(parallel_steps=True, shared_state=True)"),
        ],
        wrong=[
            ("overlooks-a-need", needs(B="Needs()")),
            ("overlooks-a-need", needs(C="Needs(tools=True)")),
            ("overlooks-a-need", needs(E="Needs(shared_state=True)")),
            ("asks-for-too-much", needs(A="Needs(tools=True)")),
            ("asks-for-too-much", needs(B="Needs(tools=True, several_agents=True)")),
            ("names-a-framework", needs(D='"graph"')),
            ("not-all-tasks", f'{NEEDS}needs = {{"A": Needs()}}'),
        ],
        cheats=[
            """
from dataclasses import fields
from agent_patterns.state import Needs
every = Needs(**{field.name: True for field in fields(Needs)})
needs = dict.fromkeys("ABCDE", every)
"""
        ],
        unattempted=[needs(E="...")],
    ),
    "two_nodes_one_key": Cases(
        right=[
            STATE + """
class Checked(TypedDict):
    risks: Annotated[list[str], operator.add]
    score: Annotated[float | None, lambda a, b: b if a is None else max(a, b)]
""",
            STATE + """
class Checked(TypedDict):
    risks: Annotated[list[str], unique()]
    score: Annotated[float | None, "the worst wins", maximum]
""",
            """
from dataclasses import dataclass, field
from typing import Annotated
from agent_patterns.state import append, maximum

@dataclass
class Checked:
    risks: Annotated[list[str], append] = field(default_factory=list)
    score: Annotated[float | None, maximum] = None
""",
        ],
        wrong=[
            ("no-reducer", STATE + """
class Checked(TypedDict):
    risks: Annotated[list[str], append]
    score: float | None
"""),
            ("no-reducer", STATE + """
class Checked(TypedDict):
    risks: list[str]
    score: Annotated[float | None, maximum]
"""),
            ("no-signature", STATE + """
class Checked(TypedDict):
    risks: Annotated[list[str], append]
    score: Annotated[float | None, max]
"""),
            ("starts-from-zero", STATE + """
class Checked(TypedDict):
    risks: Annotated[list[str], append]
    score: Annotated[float, maximum]
"""),
            ("loses-risks", STATE + """
class Checked(TypedDict):
    risks: Annotated[list[str], lambda old, new: new]
    score: Annotated[float | None, maximum]
"""),
            ("not-the-highest", STATE + """
class Checked(TypedDict):
    risks: Annotated[list[str], append]
    score: Annotated[float | None, lambda a, b: b if a is None else a + b]
"""),
            ("not-the-highest", STATE + """
class Checked(TypedDict):
    risks: Annotated[list[str], append]
    score: Annotated[float | None, lambda a, b: b if not a else max(a, b)]
"""),
            ("no-reducer", STATE + """
class Checked(TypedDict):
    risks: Annotated[list[str], append, "kept"]
    score: Annotated[float | None, maximum]
"""),
        ],
        cheats=[STATE + """
class Checked(TypedDict):
    risks: Annotated[list[str], lambda old, new: ["risk 10", "risk 11"]]
    score: Annotated[float | None, lambda old, new: 9.75]
"""],
    ),
    "reducer_with_a_cap": Cases(
        right=[
            "from agent_patterns.state import unique\nlast_three = unique(3)",
            """
def last_three(old, new):
    kept = []
    for item in reversed(old + new):
        if item not in kept:
            kept.insert(0, item)
    return kept[-3:]
""",
            """
from collections import OrderedDict

def last_three(old, new):
    order = OrderedDict()
    for item in [*(old or ()), *new]:
        order[item] = None
        order.move_to_end(item)
    return [*order][-3:]
""",
        ],
        wrong=[
            ("keeps-duplicates", "def last_three(old, new):\n    return [*(old or []), *new][-3:]"),
            ("wrong-order", """
def last_three(old, new):
    both = [*(old or []), *new]
    last = sorted(set(both), key=lambda item: len(both) - both[::-1].index(item))[-3:]
    return [item for item in dict.fromkeys(both) if item in last]
"""),
            ("drops-the-wrong-ones", """
def last_three(old, new):
    return list(dict.fromkeys([*(old or []), *new]))[:3]
"""),
            ("drops-the-wrong-ones", """
def last_three(old, new):
    return list(dict.fromkeys([*(old or []), *new]))[-3:]
"""),
            ("no-cap", """
def last_three(old, new):
    return list(dict.fromkeys(reversed([*(old or []), *new])))[::-1]
"""),
            ("changes-its-arguments", """
def last_three(old, new):
    old = [] if old is None else old
    for item in new:
        if item in old:
            old.remove(item)
        old.append(item)
    return old[-3:]
"""),
            ("returns-nothing", "def last_three(old, new):\n    (old or []) + new"),
        ],
        cheats=["""
def last_three(old, new):
    return {"pen": ["pen", "ink", "A5"]}.get((new or ["pen"])[0], ["pen", "ink", "A5"])
"""],
    ),
    "repair_loop": Cases(
        right=[
            loop(),
            """
from langgraph.types import Command

def build(generate, test, most):
    def write(state):
        return {"code": generate(state["task"], state.get("report") or ""), "attempts": state.get("attempts", 0) + 1}

    def judge(state):
        report = test(state["code"])
        if report == "passed":
            return Command(goto=END, update={"report": report, "status": "passed"})
        if state["attempts"] == most:
            return Command(goto="stop", update={"report": report})
        return Command(goto="write", update={"report": report})

    builder = StateGraph(Job)
    builder.add_node("write", write)
    builder.add_node("judge", judge)
    builder.add_node("stop", lambda state: {"status": "gave up"})
    builder.add_edge(START, "write")
    builder.add_edge("write", "judge")
    return builder.compile()
""",
        ],
        wrong=[
            ("no-exit", loop(route='"step"')),
            ("goes-on-after-success", loop(status='"gave up" if attempts >= most else ""')),
            ("wrong-status", loop(status='"passed" if report == "passed" or attempts >= most else ""')),
            ("passes-the-limit", loop(status='"passed" if report == "passed" else "gave up" if attempts > most else ""')),
            ("report-does-not-come-back", loop(report='""')),
            ("not-compiled", loop(compile="validate()")),
            ("wrong-number-of-attempts", loop(status='"passed" if "passed" in report else "gave up" if attempts >= most else ""')),
            ("wrong-number-of-attempts", loop(status='"passed" if report.endswith("passed") else "gave up" if attempts >= most else ""')),
            ("state-not-kept", """
def build(generate, test, most):
    attempts = 0

    def step(state):
        nonlocal attempts
        attempts += 1
        code = generate(state["task"], state.get("report", ""))
        report = test(code)
        found = {"code": code, "report": report, "attempts": attempts}
        if report == "passed":
            return {**found, "status": "passed"}
        return {**found, "status": "gave up"} if attempts >= most else found

    builder = StateGraph(Job)
    builder.add_node("step", step)
    builder.add_edge(START, "step")
    builder.add_conditional_edges("step", lambda state: END if state.get("status") else "step", ["step", END])
    return builder.compile()
"""),
            ("wrong-status", loop(route='END if state["report"] == "passed" or state["attempts"] >= most else "step"', status='""')),
        ],
        cheats=["""
class Fixed:
    def invoke(self, value, config=None):
        return {"task": value["task"], "code": "code 1", "report": "passed", "attempts": 3, "status": "passed"}

def build(generate, test, most):
    return Fixed()
"""],
        raised=[("KeyError", loop(report='state["report"]'))],
    ),
}  # fmt: skip
