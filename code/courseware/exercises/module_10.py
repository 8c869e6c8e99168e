"""The exercises of module 10: a research team, a fact checker, a pipeline that resumes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphRecursionError

from agent_patterns.teams import (
    FINISH,
    Agent,
    Answer,
    Assignment,
    Limits,
    Progress,
    Route,
    RoutingError,
    TeamError,
    Turn,
    supervisor,
)
from courseware.exercises.model import Exercise, Wrong, expect

# 10.1 --------------------------------------------------------------------------------------------

MOST_DRAFTS = 3


class _Office:
    """Three specialists that write down what they were given."""

    def __init__(self, approves_at: int) -> None:
        self.approves_at = approves_at
        self.begin()

    def begin(self) -> None:
        """A new task: nothing of the last one is remembered."""
        self.log: list[str] = []
        self.asked: list[str] = []
        self.given: list[tuple[str, str, str]] = []
        self.reviewed: list[str] = []

    def researcher(self, task: str) -> str:
        self.log.append("researcher")
        self.asked.append(task)
        return f"notes on {task}"

    def writer(self, notes: str, draft: str, feedback: str) -> str:
        self.log.append("writer")
        self.given.append((notes, draft, feedback))
        return f"draft {len(self.given)}"

    def reviewer(self, draft: str) -> str:
        self.log.append("reviewer")
        self.reviewed.append(draft)
        return "" if len(self.reviewed) >= self.approves_at else f"change {len(self.reviewed)}"


def check_team(build: Callable[..., Any]) -> None:
    """Watch who works when, on what, and when it ends."""
    office = _Office(99)
    graph = build(office.researcher, office.writer, office.reviewer)
    if graph is None:
        raise Wrong("returns-nothing", "`build_team` returned None: end it with `return`.")
    expect(
        hasattr(graph, "invoke"),
        "returns-no-graph",
        f"`build_team` returned {type(graph).__name__}. End with `return builder.compile()`.",
    )
    _check_run(office, _invoked(graph, "paper"), 99, "paper")
    office.begin()
    try:
        _check_run(office, _invoked(graph, "ink"), 99, "ink")
    except Wrong as wrong:
        if wrong.misconception == "ignores-the-task":
            raise
        raise Wrong(
            "remembers-the-last-run",
            "The first task went well: three drafts, all refused. Then the same graph was given a"
            f" second one, and these worked: {', '.join(office.log)}. What a run counts and"
            " collects belongs in the state, which begins anew with every run; a variable outside"
            " the nodes is never reset.",
        ) from None
    for approves_at in (1, 2, 3):
        office = _Office(approves_at)
        graph = build(office.researcher, office.writer, office.reviewer)
        _check_run(office, _invoked(graph, "nibs"), approves_at, "nibs")


def _invoked(graph: Any, task: str) -> Any:
    try:
        return graph.invoke({"task": task}, {"recursion_limit": 60})
    except GraphRecursionError:
        raise Wrong(
            "revises-for-ever",
            "This reviewer is never content, and your team never stops: it ran into"
            " LangGraph's recursion limit. Count the drafts, and stop after three.",
        ) from None


def _check_run(office: _Office, state: Any, approves_at: int, task: str) -> None:
    drafts = min(approves_at, MOST_DRAFTS)
    log = office.log
    expect(
        log.count("researcher") == 1,
        "researches-again",
        f"The researcher worked {log.count('researcher')} times. Only the text needs another"
        " round: send a refused draft back to the writer.",
    )
    expect(
        log[:3] == ["researcher", "writer", "reviewer"],
        "wrong-order",
        f"The team began with {', '.join(log[:3])}. Facts come first, then text, then the review.",
    )
    expect(
        office.asked == [task],
        "ignores-the-task",
        f"The task was {task!r}, and the researcher was asked for {office.asked[0]!r}. The task is"
        " in the state, under `task`.",
    )
    again = [draft for draft in office.reviewed if office.reviewed.count(draft) > 1]
    expect(
        not again,
        "reviews-twice",
        f"The reviewer was given {again[0] if again else ''!r} more than once. A review is a model"
        " call, and a second one may say something else: ask once for each draft, and keep what"
        " it said in the state.",
    )
    expect(
        log.count("writer") >= min(2, drafts),
        "never-revises",
        "The reviewer asked for a change, and nobody made it. A conditional edge after the"
        " reviewer leads back to the writer.",
    )
    expect(
        log.count("writer") <= MOST_DRAFTS,
        "too-many-drafts",
        f"A reviewer who is never content got {log.count('writer')} drafts; three are the limit.",
    )
    expect(
        log.count("writer") == drafts,
        "stops-too-early" if log.count("writer") < drafts else "goes-on-after-approval",
        f"There were {log.count('writer')} drafts; with this reviewer there should be {drafts}.",
    )
    for number, (notes, draft, feedback) in enumerate(office.given, start=1):
        expect(
            notes == f"notes on {task}",
            "loses-the-notes",
            f"For draft {number} the writer was given the notes {notes!r}. What the researcher"
            " found must be in the state, for every round.",
        )
        before = (f"draft {number - 1}", f"change {number - 1}") if number > 1 else ("", "")
        expect(
            (draft or "", feedback or "") == before,
            "loses-the-feedback",
            f"For draft {number} the writer was given draft {draft!r} and feedback {feedback!r}."
            f" It needs the last draft and what was said about it: {before}.",
        )
    result = state.get("result") if isinstance(state, dict) else None
    expect(
        result == f"draft {drafts}",
        "returns-another-draft",
        f"The result is {result!r}; the last draft was 'draft {drafts}'. Put the last draft into"
        " the state under `result`.",
    )
    wanted = "approved" if approves_at <= MOST_DRAFTS else "limit"
    expect(
        not (approves_at == MOST_DRAFTS and state.get("status") == "limit"),
        "counts-instead-of-asking",
        "The reviewer approved the third draft, and the status says 'limit'. Three drafts are no"
        " reason to say so; a refusal of the third is: go by what the reviewer said last.",
    )
    expect(
        state.get("status") == wanted,
        "hides-the-limit",
        f"The status is {state.get('status')!r}, but this run ended with {wanted!r}. Whoever uses"
        " the text must be told whether anybody approved it.",
    )


TEAM_STARTER = '''\
class Team(TypedDict, total=False):
    """What the team passes on; add the keys that you need."""

    task: str
    result: str
    status: str


def build_team(researcher, writer, reviewer):
    """Return a compiled graph: {"task": …} in, "result" and "status" out.

    researcher(task) -> notes
    writer(notes, draft, feedback) -> draft       (draft and feedback are "" the first time)
    reviewer(draft) -> feedback                   ("" when the draft is approved)

    At most three drafts. The status is "approved", or "limit" when the third was refused.
    """
    ...'''

TEAM_SOLUTION = '''\
class Team(TypedDict, total=False):
    """What the team passes on."""

    task: str
    notes: str
    draft: str
    feedback: str
    drafts: int
    result: str
    status: str


def build_team(researcher, writer, reviewer):
    """Return a compiled graph: {"task": …} in, "result" and "status" out."""

    def research(state):
        return {"notes": researcher(state["task"])}

    def write(state):
        draft = writer(state["notes"], state.get("draft", ""), state.get("feedback", ""))
        return {"draft": draft, "drafts": state.get("drafts", 0) + 1}

    def review(state):
        feedback = reviewer(state["draft"])
        status = "limit" if feedback else "approved"
        return {"feedback": feedback, "status": status, "result": state["draft"]}

    def after_review(state):
        return "write" if state["feedback"] and state["drafts"] < 3 else END

    builder = StateGraph(Team).add_node(research).add_node(write).add_node(review)
    builder.add_edge(START, "research").add_edge("research", "write").add_edge("write", "review")
    builder.add_conditional_edges("review", after_review, ["write", END])
    return builder.compile()'''

# 10.2 --------------------------------------------------------------------------------------------


class _Desk:
    """The team that is there already: researcher, writer, reviewer, and their router."""

    def __init__(self, drafts: tuple[str, ...], reviews: int = 1) -> None:
        self.drafts = drafts
        self.reviews = reviews
        self.checker_at_work = False
        self.begin()

    def begin(self) -> None:
        """A new task: nothing of the last one is remembered."""
        self.seen: list[str] = []
        self.checked: list[str] = []
        self.outside: list[str] = []
        self.order: list[str] = []

    @property
    def agents(self) -> list[Agent]:
        return [
            Agent("researcher", "finds facts", self._research, (), "notes"),
            Agent("writer", "writes", self._write, ("notes", "feedback"), "draft"),
            Agent("reviewer", "reviews the style", self._review, ("draft",), "verdict"),
        ]

    def _research(self, assignment: Assignment) -> str:
        self.order.append("researcher")
        return "ink dries in ten seconds"

    def _write(self, assignment: Assignment) -> str:
        self.order.append("writer")
        self.seen.append(assignment.text)
        return self.drafts[min(len(self.seen), len(self.drafts)) - 1]

    def _review(self, assignment: Assignment) -> str:
        self.order.append("reviewer")
        return "fine"

    def router(self, progress: Progress) -> Route:
        """Researcher, writer, and as many reviews as this team has; blind to everybody else."""
        own = ("researcher", "writer", "reviewer")
        worked = [
            turn["sender"]
            for turn in progress.turns
            if turn["kind"] == "answer" and turn["sender"] in own
        ]
        following = {"": "researcher", "researcher": "writer", "writer": "reviewer"}
        if worked.count("reviewer") < self.reviews:
            following["reviewer"] = "reviewer"
        return Route(next=following.get(worked[-1] if worked else "", FINISH))

    def find_unsupported(self, draft: str) -> list[str]:
        """The false claims in a draft; in these drafts they speak of geese."""
        if not self.checker_at_work:
            self.outside.append(draft)
        self.order.append("fact checker")
        self.checked.append(draft)
        return [line for line in draft.split(". ") if "geese" in line]

    def watched(self, checker: Agent) -> Agent:
        """The same checker; what it looks up while it works is told from what others look up."""

        def work(assignment: Assignment) -> Answer | str:
            self.checker_at_work = True
            try:
                return checker.work(assignment)
            finally:
                self.checker_at_work = False

        return replace(checker, work=work)


def check_fact_checker(add: Callable[..., Any]) -> None:
    """Run the team with the checker, on drafts with and without a false claim."""
    clean = "Ink dries in ten seconds"
    false = "Ink dries in ten seconds. It is made by geese"
    also = "Ink is made by geese at night"
    for drafts, rounds, reviews in (
        ((clean,), 1, 1),
        ((false, clean), 2, 1),
        ((false, also, clean), 3, 1),
        ((false, clean), 2, 2),
    ):
        desk = _Desk(drafts, reviews)
        before = desk.agents
        given = list(before)
        made = add(given, desk.router, desk.find_unsupported)
        if made is None:
            raise Wrong(
                "returns-nothing", "`add_fact_checker` returned None: end it with `return`."
            )
        expect(
            isinstance(made, tuple) and len(made) == 2,
            "returns-no-pair",
            "`add_fact_checker` should return two things: the agents, and a router.",
        )
        agents, router = made
        checker = _check_members(list(agents), before)
        expect(
            given == before,
            "changes-the-callers-list",
            "The list of agents that you were given has changed: whoever gave it to you has a fact"
            " checker now, and a router that does not know it. Leave the list as it is, and return"
            " a new one: `[*agents, checker]`.",
        )
        watched = [desk.watched(agent) if agent is checker else agent for agent in agents]
        team = supervisor(watched, router, limits=Limits(rounds=20), result="draft")
        _check_task(desk, team, checker, rounds, clean)
        desk.begin()
        try:
            _check_task(desk, team, checker, rounds, clean)
        except Wrong:
            raise Wrong(
                "remembers-the-last-run",
                "The first task went well. Then the same team was given a second one, and these"
                f" worked: {', '.join(desk.order)}. What a router remembers outside of"
                " `progress` is still there in the next run; `progress.turns` begins anew with"
                " every run.",
            ) from None


def _check_task(desk: _Desk, team: Any, checker: Agent, rounds: int, clean: str) -> None:
    try:
        state = team.invoke({"task": "Write about ink."})
    except GraphRecursionError:
        state = {"status": "rounds", "result": "", "turns": []}
    except RoutingError:
        raise
    except TeamError as error:
        if isinstance(getattr(error, "cause", None), AttributeError | TypeError):
            _explain(error)
        if "A router returns" in str(error):
            raise Wrong("returns-no-route", str(error)) from None
        raise getattr(error, "cause", error) from None
    _check_facts(desk, checker, state, rounds, clean)
    _check_silence(checker, state["turns"])
    reviews = desk.order.count("reviewer")
    expect(
        reviews == desk.reviews,
        "ignores-the-old-router",
        f"This team's router asks the reviewer {_times(desk.reviews)}, and with your fact checker"
        f" in it she was asked {_times(reviews)}. Your router decides by itself what the old one is"
        " there to decide: for everything that is not about the checker, return"
        " `router(progress)`.",
    )


def _times(number: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _check_silence(checker: Agent, turns: Sequence[Turn]) -> None:
    said = [
        turn["text"]
        for turn in turns
        if turn["sender"] == checker.name and turn["kind"] == "answer"
    ]
    expect(
        not said[-1].strip(),
        "answers-although-it-found-nothing",
        f"The last draft had no false claim, and the checker answered {said[-1]!r}. To the others"
        f" that is {checker.produces!r}, something to act upon. Nothing found is the empty text.",
    )


def _explain(error: TeamError) -> None:
    cause = str(getattr(error, "cause", ""))
    if "answers with a text" in cause:
        raise Wrong(
            "answers-with-a-list",
            "An agent answers with a text; join the list. `find_unsupported` returns a list of"
            ' claims, and "\\n".join(…) makes one text of it.',
        ) from None
    if "'dict'" in cause or "dict" in cause:
        raise Wrong(
            "checks-a-dictionary",
            "`assignment.material['draft']` is {author: text}, and `find_unsupported` takes a text:"
            " join its values.",
        ) from None


def _check_members(agents: list[Agent], before: list[Agent]) -> Agent:
    expect(
        len(agents) == len(before) + 1,
        "not-one-agent-more",
        f"The team had {len(before)} agents and now has {len(agents)}; one should have joined.",
    )
    for old in before:
        kept = next((agent for agent in agents if agent.name == old.name), None)
        expect(
            kept == old,
            "changes-the-others",
            f"The {old.name} is not the one it was. A new colleague is no reason to retrain the"
            " others: choose what the checker `produces` so that the writer reads it anyway.",
        )
    checker = next(agent for agent in agents if agent not in before)
    expect(
        isinstance(checker, Agent),
        "adds-no-agent",
        f"Among the agents is a {type(checker).__name__}, which is no agent. Make the checker with"
        ' `Agent("fact_checker", "…", work, reads=…, produces=…)`.',
    )
    expect(
        "draft" in checker.reads,
        "sees-no-draft",
        f"The fact checker reads {list(checker.reads)}, so it never sees the draft. `reads` names"
        " what an agent is shown.",
    )
    expect(
        set(checker.reads) <= {"draft"},
        "sees-too-much",
        f"The fact checker reads {list(checker.reads)}. It needs the draft and nothing else: every"
        " further text costs tokens in every round, and may sway it.",
    )
    return checker


def _check_facts(desk: _Desk, checker: Agent, state: Any, rounds: int, clean: str) -> None:
    expect(
        desk.checked,
        "never-checks",
        "The fact checker is in the team and never works. The router decides who works next:"
        " wrap it, so that the checker follows the writer.",
    )
    expect(
        state["status"] == "done",
        "never-finishes",
        "The team went on until its limit of rounds. When the checker finds nothing, hand over to"
        " the old router. If you go by the checker's text, it must be empty when it found nothing.",
    )
    expect(
        not desk.outside,
        "checks-outside-the-agent",
        f"`find_unsupported` was called {_times(len(desk.outside))} while the checker was not at"
        " work, so somebody else does the checker's work, and the transcript does not show it."
        " Call it in the checker's `work`; the router reads what the checker answered.",
    )
    expect(
        desk.order.count("researcher") == 1,
        "researches-again",
        f"The researcher worked {_times(desk.order.count('researcher'))}. The notes are as good as"
        " before; only the text needs another round: send a draft with a false claim back to the"
        " writer.",
    )
    if rounds > 1:
        said = [t["text"] for t in state["turns"] if t["sender"] == checker.name and t["text"]]
        vague = next((text for text in said if any(text in seen for seen in desk.seen)), "")
        expect(
            not vague or any("geese" in text for text in desk.seen[1:]),
            "names-no-claim",
            f"The writer was told {vague[:80]!r}, which does not say what is wrong with the draft."
            " Put what `find_unsupported` lists into the answer.",
        )
        expect(
            any("geese" in text for text in desk.seen[1:]),
            "keeps-it-to-itself",
            "The checker found a false claim, and the writer was never told. The writer reads"
            " `notes` and `feedback`.",
        )
    expect(
        desk.order.count("writer") == desk.order.count("fact checker"),
        "does-not-check-every-draft",
        f"There were {desk.order.count('writer')} drafts, and"
        f" {desk.order.count('fact checker')} of them were checked. A revised draft can hold a new"
        " false claim.",
    )
    first = desk.order.index("reviewer") if "reviewer" in desk.order else len(desk.order)
    expect(
        desk.order[first - 1] == "fact checker" and desk.order[:first].count("writer") == rounds,
        "reviews-unchecked-drafts",
        f"The order was: {', '.join(desk.order)}. A draft with a false claim goes back to the"
        " writer; only a clean one goes to the reviewer.",
    )
    expect(
        state["result"] == clean,
        "publishes-the-claim",
        f"The result is {state['result']!r}, and that is not the draft that passed the check.",
    )


CHECKER_STARTER = '''\
def add_fact_checker(agents, router, find_unsupported):
    """Return (agents, router) of the same team with a fact checker in it.

    `find_unsupported(text)` lists the claims of a text that no source bears out. The writer
    produces "draft" and reads "notes" and "feedback"; the router knows nobody but researcher,
    writer and reviewer. The checker works after every draft. What it finds goes to the writer,
    and the new draft is checked again; when it finds nothing, it answers with an empty text, and
    the old router goes on. A turn of `progress.turns` has "sender", "to", "text" and "kind",
    which is "decision", "task" or "answer".
    """
    ...'''

CHECKER_SOLUTION = '''\
def add_fact_checker(agents, router, find_unsupported):
    """Return (agents, router) of the same team with a fact checker in it."""

    def check(assignment):
        draft = "\\n".join(assignment.material["draft"].values())
        return "\\n".join(f"Remove this, no source says it: {c}" for c in find_unsupported(draft))

    checker = Agent("fact_checker", "checks claims", check, reads=("draft",), produces="feedback")

    def route(progress):
        worked = [turn for turn in progress.turns if turn["kind"] == "answer"]
        last = worked[-1] if worked else {"sender": "", "text": ""}
        if last["sender"] == "writer":
            return Route(next="fact_checker")
        if last["sender"] == "fact_checker" and last["text"]:
            return Route(next="writer")
        return router(progress)

    return [*agents, checker], route'''

# 10.3 --------------------------------------------------------------------------------------------


class _Works:
    """Stages that count their runs, and one that is broken until it is mended."""

    def __init__(self, broken: str) -> None:
        self.broken: str | None = broken
        self.runs: list[str] = []
        self.raised: list[ConnectionError] = []

    @property
    def stages(self) -> list[tuple[str, Callable[[str], str]]]:
        return [(name, self._stage(name)) for name in ("validate", "charge", "enrich", "store")]

    def _stage(self, name: str) -> Callable[[str], str]:
        def run(value: str) -> str:
            self.runs.append(f"{name}({value})")
            if name == self.broken:
                error = ConnectionError("the catalogue does not answer")
                self.raised.append(error)
                raise error
            return f"{value}+{name[0]}"

        return run


def check_pipeline(build: Callable[..., Any]) -> None:
    """Break a stage, mend it, resume; with two orders, and after a restart."""
    given = InMemorySaver()
    first = build(_Works("enrich").stages, given)
    if first is None:
        raise Wrong("returns-nothing", "`build_pipeline` returned None: end it with `return`.")
    expect(
        hasattr(first, "invoke"),
        "returns-no-graph",
        f"`build_pipeline` returned {type(first).__name__}, not a compiled graph.",
    )
    expect(
        getattr(first, "checkpointer", given) is given,
        "forgets-the-checkpointer",
        "The graph does not have the checkpointer that you were given, so what a run has done is"
        " not there for the next process, and nothing can be resumed. Compile it with"
        " `builder.compile(checkpointer=checkpointer)`.",
    )
    for broken in ("enrich", "validate", "store"):
        works, saver = _Works(broken), InMemorySaver()
        graph = build(works.stages, saver)
        one: Any = {"configurable": {"thread_id": "one"}}
        two: Any = {"configurable": {"thread_id": "two"}}
        try:
            _fails(graph, one, "a", works)
        except Wrong:
            _one_stage_for_all(works.runs)
            raise
        at = [name for name, _ in works.stages].index(broken)
        tries = sum(run.startswith(f"{broken}(") for run in works.runs)
        expect(
            tries == 1,
            "tries-again-by-itself",
            f"{broken!r} failed, and ran {_times(tries)} before the run ended. A stage that raised"
            " may have done half its work, such as charging a customer. Here a failure ends the"
            " run, and `graph.invoke(None, config)` is what tries again.",
        )
        expect(
            len(works.runs) == at + 1,
            "goes-on-after-a-failure",
            f"{broken!r} failed, and yet these ran: {', '.join(works.runs)}. What comes after a"
            " failed stage must not run.",
        )
        _fails(graph, two, "b", works)
        works.broken, works.runs = None, []
        again = build(works.stages, saver)
        result = _resumed(again, one)
        names = [run.split("(")[0] for run in works.runs]
        expect(
            names == [name for name, _ in works.stages][at:],
            "repeats-finished-stages",
            f"{broken!r} failed and was mended. After that these ran: {', '.join(names)}. Finished"
            f" stages are in the checkpoint; begin with {broken!r}.",
        )
        expect(
            result == "a+v+c+e+s",
            "mixes-up-orders",
            f"Order one came out as {result!r} instead of 'a+v+c+e+s'. Keep values in the state of"
            " the thread, not in a variable that all threads share.",
        )
        second = _resumed(again, two)
        expect(
            second == "b+v+c+e+s",
            "mixes-up-orders",
            f"Order two came out as {second!r} instead of 'b+v+c+e+s'.",
        )


def _one_stage_for_all(runs: list[str]) -> None:
    names = [run.split("(")[0] for run in runs]
    if len(names) > 1 and len(set(names)) == 1:
        raise Wrong(
            "runs-the-last-stage-only",
            f"The stage {names[0]!r} ran {len(names)} times, and no other. A function made in a"
            " loop sees the loop's last value: make the node in a function of its own, or bind the"
            " value as a default argument.",
        ) from None


def _fails(graph: Any, config: Any, value: str, works: _Works) -> None:
    broken = str(works.broken)
    try:
        graph.invoke({"value": value}, config, durability="sync")
    except Exception as error:
        kept, touched = _behind(error, contexts=False), _behind(error, contexts=True)
        notes = [note for note in getattr(error, "__notes__", ()) if "During task" not in note]
        told = "\n".join([str(error), *notes])  # LangGraph's own note names the node
        if not works.raised or (works.raised[-1] not in touched and broken not in told):
            raise
        expect(
            broken in told,
            "hides-the-stage",
            f"The error says {told!r}. Somebody has to mend this at night: name the stage"
            f" ({broken!r}), and keep the cause with `raise … from error`.",
        )
        expect(
            works.raised[-1] in kept,
            "hides-the-cause",
            f"The error names the stage, and its `__cause__` is {error.__cause__!r}, not what the"
            " stage raised. `from None` throws it away, and without `from` Python reports it as a"
            " second mishap while the first was being handled: write `raise … from error`.",
        )
    else:
        raise Wrong(
            "swallows-the-failure",
            f"The stage {broken!r} raised, and the pipeline ended as if all were well. Let the"
            " error out of the node: only then is the step unfinished, and can be resumed.",
        )


def _behind(error: BaseException, *, contexts: bool) -> list[BaseException]:
    """An error and its causes; with `contexts` also what was being handled when it was raised."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        context = following.__context__ if contexts else None
        following = following.__cause__ or context
    return found


def _resumed(graph: Any, config: Any) -> Any:
    state = graph.invoke(None, config, durability="sync")
    expect(
        isinstance(state, dict) and "result" in state,
        "no-result",
        "After resuming there is no `result` in the state. The last stage's value belongs there.",
    )
    return state["result"]


PIPELINE_STARTER = '''\
class Order(TypedDict, total=False):
    """What the stages pass on."""

    value: str
    result: str


def build_pipeline(stages, checkpointer):
    """Return a compiled graph that runs the stages in order: {"value": …} in, "result" out.

    stages: a list of (name, function), each from a text to a text.
    When a stage raises, the run ends with an error that names the stage and keeps the cause.
    `graph.invoke(None, config)` then goes on at that stage.
    """
    ...'''

PIPELINE_SOLUTION = '''\
class Order(TypedDict, total=False):
    """What the stages pass on."""

    value: str
    result: str


def build_pipeline(stages, checkpointer):
    """Return a compiled graph that runs the stages in order."""

    def node(name, function):
        def run(state):
            try:
                value = function(state["value"])
            except Exception as error:
                raise RuntimeError(f"Stage {name!r} failed: {error}") from error
            return {"value": value, "result": value}

        return run

    builder = StateGraph(Order)
    previous = START
    for name, function in stages:
        builder.add_node(name, node(name, function))
        builder.add_edge(previous, name)
        previous = name
    builder.add_edge(previous, END)
    return builder.compile(checkpointer=checkpointer)'''

SETUP = """\
from typing import TypedDict

from langgraph.graph import END, START, StateGraph

from agent_patterns.teams import Agent, Route
"""

EXERCISES = (
    Exercise(
        id="10.1",
        title="A research team",
        difficulty="medium",
        minutes=15,
        why="Research, write, review, revise is the team you will build most often, and the loop"
        " in it is where the money goes.",
        answers=("build_team",),
        setup=SETUP,
        starter=TEAM_STARTER,
        solution_code=TEAM_SOLUTION,
        checker=check_team,
        hints=(
            "Three nodes, and one edge that is not always the same: which one?",
            "The state needs the notes, the draft, the feedback, and the number of drafts so far.",
            "After the review: back to the writer while there is feedback and there were fewer"
            " than three drafts, else END.",
            "The reviewer's node can set `status` and `result` each time: the last time counts.",
        ),
        notes=(
            "The limit is on drafts, the thing that costs; the recursion limit stays as it is.",
            "A run that hits the limit still hands back its last draft, and says that nobody"
            " approved it.",
        ),
    ),
    Exercise(
        id="10.2",
        title="A fact checker joins",
        difficulty="medium",
        minutes=15,
        why="A team that has to be rebuilt for every new member is no team but a tangle.",
        answers=("add_fact_checker",),
        setup=SETUP,
        starter=CHECKER_STARTER,
        solution_code=CHECKER_SOLUTION,
        checker=check_fact_checker,
        hints=(
            "What does the writer read already? If the checker produces that, the writer need not"
            " change.",
            'The checker is `Agent("fact_checker", "…", work, reads=("draft",), produces=…)`. Its'
            ' `work` gets an assignment; `assignment.material["draft"]` maps authors to texts.',
            "Wrap the router: after the writer comes the checker; after a checker who found"
            " something, the writer; in all other cases, ask the old router.",
            "Who worked last is the sender of the last turn in `progress.turns` of the kind"
            " `answer`.",
        ),
        notes=(
            "`reads` and `produces` are the whole contract between agents: they know no names, only"
            " the router does.",
            "The old router was wrapped, not edited, so its tests still hold.",
        ),
    ),
    Exercise(
        id="10.3",
        title="A pipeline that resumes",
        difficulty="medium",
        minutes=15,
        why="At night the catalogue is down at stage three of four, after the customer was charged"
        " in stage two; in the morning nobody wants to charge a second time.",
        answers=("build_pipeline",),
        setup=SETUP,
        starter=PIPELINE_STARTER,
        solution_code=PIPELINE_SOLUTION,
        checker=check_pipeline,
        hints=(
            "LangGraph saves a checkpoint after each node. How many nodes do you need so that a"
            " finished stage is never repeated?",
            "One node for each stage, one edge from each to the next. The value travels in the"
            " state.",
            "Inside a node: catch, and raise again with the stage's name, `from error`. If you do"
            " not raise, LangGraph takes the stage for finished.",
        ),
        notes=(
            "One node for each stage is all there is to it: the checkpoint does the rest.",
            "A stage that failed halfway runs again from its top. What it does must bear that.",
        ),
    ),
)
