"""Answers to module 10's exercises."""

from tests.lessons.cases import Cases

from courseware.lessons import exercise

TEAM_SOLUTION, CHECKER_SOLUTION, PIPELINE_SOLUTION = (
    exercise(f"10.{number}").solution_code for number in (1, 2, 3)
)


def but(solution: str, *changes: tuple[str, str]) -> str:
    """The solution with some of its text replaced; every replacement must find its place."""
    for old, new in changes:
        assert old in solution, old
        solution = solution.replace(old, new)
    return solution


COMMANDS = """
from langgraph.types import Command


class Team(TypedDict, total=False):
    task: str
    history: list
    result: str
    status: str


def build_team(researcher, writer, reviewer):
    def begin(state):
        found = researcher(state["task"])
        return Command(goto="work", update={"history": [("", "")], "result": found})

    def work(state):
        notes = state["result"] if len(state["history"]) == 1 else state["history"][0][0]
        history = list(state["history"])
        if len(history) == 1:
            history[0] = (notes, "")
        draft, feedback = history[-1] if len(history) > 1 else ("", "")
        new = writer(notes, draft, feedback)
        said = reviewer(new)
        history.append((new, said))
        done = not said or len(history) == 4
        return Command(
            goto=END if done else "work",
            update={
                "history": history,
                "result": new,
                "status": "limit" if said else "approved",
            },
        )

    builder = StateGraph(Team)
    builder.add_node("begin", begin, destinations=("work",))
    builder.add_node("work", work, destinations=("work", END))
    builder.add_edge(START, "begin")
    return builder.compile()
"""

BY_KIND = """
def add_fact_checker(agents, router, find_unsupported):
    found = []

    def check(assignment):
        (draft,) = assignment.material["draft"].values()
        found[:] = find_unsupported(draft)
        return "; ".join(found)

    def route(progress):
        drafts = checks = 0
        for turn in progress.turns:
            drafts += turn["kind"] == "task" and turn["to"] == "writer"
            checks += turn["kind"] == "task" and turn["to"] == "claims"
        if drafts > checks:
            return Route(next="claims")
        if found:
            found.clear()
            return Route(next="writer")
        return router(progress)

    member = Agent("claims", "reads against the sources", check, ("draft",), "feedback")
    return [member, *agents], route
"""

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

CASES = {
    "research_team": Cases(
        right=[COMMANDS],
        wrong=[
            (
                "returns-nothing",
                "def build_team(researcher, writer, reviewer):\n    rounds = 3",
            ),
            (
                "revises-for-ever",
                but(TEAM_SOLUTION, (' and state["drafts"] < 3', "")),
            ),
            (
                "never-revises",
                but(
                    TEAM_SOLUTION,
                    (
                        'builder.add_conditional_edges("review", after_review, ["write", END])',
                        'builder.add_edge("review", END)',
                    ),
                ),
            ),
            ("too-many-drafts", but(TEAM_SOLUTION, ('state["drafts"] < 3', 'state["drafts"] < 5'))),
            (
                "researches-again",
                but(
                    TEAM_SOLUTION,
                    ('return "write" if state', 'return "research" if state'),
                    ('["write", END]', '["research", END]'),
                ),
            ),
            (
                "loses-the-feedback",
                but(TEAM_SOLUTION, ('state.get("feedback", "")', '""')),
            ),
            (
                "hides-the-limit",
                but(TEAM_SOLUTION, ('"limit" if feedback else "approved"', '"approved"')),
            ),
            (
                "returns-another-draft",
                but(
                    TEAM_SOLUTION,
                    ('"result": state["draft"]}', '"result": state.get("result", state["draft"])}'),
                ),
            ),
            (
                "stops-too-early",
                but(TEAM_SOLUTION, ('state["drafts"] < 3', 'state["drafts"] < 2')),
            ),
            (
                "counts-instead-of-asking",
                but(
                    TEAM_SOLUTION,
                    (
                        '"limit" if feedback else "approved"',
                        '"limit" if state["drafts"] >= 3 else "approved"',
                    ),
                ),
            ),
            (
                "remembers-the-last-run",
                but(
                    TEAM_SOLUTION,
                    ("    def research(state):", "    drafts = []\n\n    def research(state):"),
                    (
                        'return {"draft": draft, "drafts": state.get("drafts", 0) + 1}',
                        'drafts.append(draft)\n        return {"draft": draft}',
                    ),
                    ('state["drafts"] < 3', "len(drafts) < 3"),
                ),
            ),
            (
                "remembers-the-last-run",
                "drafts = 0\n\n\n"
                + but(
                    TEAM_SOLUTION,
                    ("    def write(state):", "    def write(state):\n        global drafts"),
                    (
                        'return {"draft": draft, "drafts": state.get("drafts", 0) + 1}',
                        'drafts += 1\n        return {"draft": draft}',
                    ),
                    ('state["drafts"] < 3', "drafts < 3"),
                ),
            ),
            (
                "ignores-the-task",
                but(TEAM_SOLUTION, ('researcher(state["task"])', 'researcher("paper")')),
            ),
            (
                "reviews-twice",
                but(
                    TEAM_SOLUTION,
                    (
                        'status = "limit" if feedback else "approved"',
                        'status = "limit" if reviewer(state["draft"]) else "approved"',
                    ),
                ),
            ),
        ],
    ),
    "fact_checker": Cases(
        right=[BY_KIND],
        wrong=[
            (
                "returns-nothing",
                "def add_fact_checker(agents, router, find_unsupported):\n    more = list(agents)",
            ),
            (
                "never-checks",
                but(
                    CHECKER_SOLUTION,
                    ("return [*agents, checker], route", "return [*agents, checker], router"),
                ),
            ),
            (
                "does-not-check-every-draft",
                but(
                    CHECKER_SOLUTION,
                    (
                        'if last["sender"] == "writer":',
                        'checked = any(t["sender"] == "fact_checker" for t in worked)\n'
                        '        if last["sender"] == "writer" and not checked:',
                    ),
                ),
            ),
            (
                "keeps-it-to-itself",
                but(CHECKER_SOLUTION, ('produces="feedback"', 'produces="facts"')),
            ),
            (
                "names-no-claim",
                but(
                    CHECKER_SOLUTION,
                    (
                        "return [*agents, checker], route",
                        "from dataclasses import replace\n"
                        "    found = checker.work\n"
                        "    vague = lambda a: 'Some claims have no source.' if found(a) else ''\n"
                        "    checker = replace(checker, work=vague)\n"
                        "    return [*agents, checker], route",
                    ),
                ),
            ),
            (
                "changes-the-others",
                but(
                    CHECKER_SOLUTION,
                    ('produces="feedback"', 'produces="facts"'),
                    (
                        "return [*agents, checker], route",
                        "from dataclasses import replace\n"
                        '    agents = [replace(a, reads=(*a.reads, "facts")) for a in agents]\n'
                        "    return [*agents, checker], route",
                    ),
                ),
            ),
            (
                "sees-too-much",
                but(CHECKER_SOLUTION, ('reads=("draft",)', 'reads=("notes", "draft", "feedback")')),
            ),
            (
                "never-finishes",
                but(
                    CHECKER_SOLUTION, ('== "fact_checker" and last["text"]:', '== "fact_checker":')
                ),
            ),
            (
                "reviews-unchecked-drafts",
                but(
                    CHECKER_SOLUTION,
                    ('if last["sender"] == "writer":', 'if last["sender"] == "reviewer":'),
                    (
                        "return router(progress)",
                        'return Route(next="FINISH") if last["sender"] == "fact_checker" '
                        "else router(progress)",
                    ),
                ),
            ),
            (
                "ignores-the-old-router",
                but(
                    CHECKER_SOLUTION,
                    (
                        "return router(progress)",
                        'order = {"": "researcher", "researcher": "writer",'
                        ' "fact_checker": "reviewer"}\n'
                        '        return Route(next=order.get(last["sender"], "FINISH"))',
                    ),
                ),
            ),
            (
                "answers-with-a-list",
                but(
                    CHECKER_SOLUTION,
                    (
                        'return "\\n".join(f"Remove this, no source says it: {c}" for c in '
                        "find_unsupported(draft))",
                        "return find_unsupported(draft)",
                    ),
                ),
            ),
            (
                "checks-a-dictionary",
                but(
                    CHECKER_SOLUTION,
                    (
                        'draft = "\\n".join(assignment.material["draft"].values())',
                        'draft = assignment.material["draft"]',
                    ),
                ),
            ),
            (
                "answers-although-it-found-nothing",
                but(
                    CHECKER_SOLUTION,
                    (
                        "for c in find_unsupported(draft))",
                        'for c in find_unsupported(draft)) or "OK"',
                    ),
                    ('and last["text"]:', 'and last["text"] != "OK":'),
                ),
            ),
            (
                "remembers-the-last-run",
                but(
                    CHECKER_SOLUTION,
                    ("    def route(progress):", "    seen = set()\n\n    def route(progress):"),
                    (
                        'if last["sender"] == "writer":',
                        'if last["sender"] == "writer" and last["text"] not in seen:\n'
                        '            seen.add(last["text"])',
                    ),
                ),
            ),
            (
                "checks-outside-the-agent",
                but(
                    CHECKER_SOLUTION,
                    (
                        "    def route(progress):",
                        '    checker = Agent("fact_checker", "checks", lambda a: "", ("draft",),'
                        ' "feedback")\n\n    def route(progress):',
                    ),
                    (
                        'if last["sender"] == "fact_checker" and last["text"]:',
                        'drafts = [t["text"] for t in worked if t["sender"] == "writer"]\n'
                        '        if last["sender"] == "fact_checker" and'
                        " find_unsupported(drafts[-1]):",
                    ),
                ),
            ),
            (
                "researches-again",
                but(CHECKER_SOLUTION, ('Route(next="writer")', 'Route(next="researcher")')),
            ),
            (
                "changes-the-callers-list",
                but(
                    CHECKER_SOLUTION,
                    (
                        "return [*agents, checker], route",
                        "agents.append(checker)\n    return agents, route",
                    ),
                ),
            ),
            (
                "adds-no-agent",
                but(CHECKER_SOLUTION, ("return [*agents, checker]", "return [*agents, check]")),
            ),
        ],
        raised=[
            (
                "It happened in `check`, line 8 of the cell: `raise KeyError",
                but(
                    CHECKER_SOLUTION,
                    (
                        '        draft = "\\n".join',
                        '        raise KeyError("geese")\n        draft = "\\n".join',
                    ),
                ),
            )
        ],
    ),
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
    ),
}
