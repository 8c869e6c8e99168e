"""Check: A fact checker joins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from langgraph.errors import GraphRecursionError

from agent_patterns.teams import Agent, Limits, Route, supervisor
from agent_patterns.teams.agents import Answer, Assignment
from agent_patterns.teams.errors import RoutingError, TeamError
from agent_patterns.teams.supervisor import FINISH, Progress
from agent_patterns.teams.turns import Turn
from courseware.exercises import Wrong, expect
from courseware.lessons.supervised_team.exercises.common import _times


class _Desk:
    """The team that is there already: researcher, writer, reviewer, and their router."""

    def __init__(self, drafts: tuple[str, ...], reviews: int = 1) -> None:
        self.drafts = drafts
        self.reviews = reviews
        self.checker_at_work = False
        self.begin()

    def begin(self) -> None:
        """Begin a new task and forget the last one."""
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
        """Return the false claims in a draft; in these drafts they speak of geese."""
        if not self.checker_at_work:
            self.outside.append(draft)
        self.order.append("fact checker")
        self.checked.append(draft)
        return [line for line in draft.split(". ") if "geese" in line]

    def watched(self, checker: Agent) -> Agent:
        """Return the same checker, with its own look-ups told from those of others."""

        def work(assignment: Assignment) -> Answer | str:
            self.checker_at_work = True
            try:
                return checker.work(assignment)
            finally:
                self.checker_at_work = False

        return replace(checker, work=work)


def check(add_fact_checker: Callable[..., Any]) -> None:
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
        made = add_fact_checker(given, desk.router, desk.find_unsupported)
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
        expect(
            callable(router) and not callable(agents),
            "returns-no-pair",
            "`add_fact_checker` should return the agents first and the router second.",
        )
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
        desk.checked or any(t["sender"] == checker.name for t in state["turns"]),
        "never-checks",
        "The fact checker is in the team and never works. The router decides who works next:"
        " wrap it, so that the checker follows the writer.",
    )
    expect(
        desk.checked,
        "checks-without-the-sources",
        "The fact checker worked and never called `find_unsupported`, which is all that knows what"
        " the sources say. Call it in the checker's `work`.",
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
        _expect_told(desk, checker, state)
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


def _expect_told(desk: _Desk, checker: Agent, state: Any) -> None:
    """Expect the writer to have been told which claim is wrong."""
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
