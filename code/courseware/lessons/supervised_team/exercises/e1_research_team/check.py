"""Check: A research team."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph.errors import GraphRecursionError

from courseware.exercises import Wrong, expect

MOST_DRAFTS = 3


class _Office:
    """Three specialists that write down what they were given."""

    def __init__(self, approves_at: int) -> None:
        self.approves_at = approves_at
        self.begin()

    def begin(self) -> None:
        """Begin a new task and forget the last one."""
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


def check(build_team: Callable[..., Any]) -> None:
    """Watch who works when, on what, and when it ends."""
    office = _Office(99)
    graph = build_team(office.researcher, office.writer, office.reviewer)
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
        graph = build_team(office.researcher, office.writer, office.reviewer)
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
