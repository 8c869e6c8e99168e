"""Check: Cut the tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from courseware.exercises import Wrong, chance, expect

KINDS = ("searches", "notes", "draft", "feedback")
ROLES = ("researcher", "writer", "reviewer")


def check(visible_to: Callable[[str], Iterable[str]]) -> None:
    """Ask for every role twice, in a drawn order, and add up what the five turns read."""
    draw = chance()
    seen: dict[str, set[str]] = {}
    for role in draw.sample(ROLES * 2, 6):
        kinds = _kinds(role, visible_to(role))
        expect(
            seen.setdefault(role, kinds) == kinds,
            "changes-its-mind",
            f"The {role} was shown different kinds the second time. What a role reads depends on"
            " the role alone.",
        )
    _everybody_can_work(seen)
    size = {kind: draw.randint(*words) for kind, words in _SIZES.items()}
    turns = ("researcher", "writer", "reviewer", "writer", "reviewer")
    shared = len(turns) * sum(size.values())
    read = sum(size[kind] for role in turns for kind in seen[role])
    saved = 1 - read / shared
    listed = ", ".join(f"{kind} {words}" for kind, words in size.items())
    expect(
        saved >= 0.6,
        "reads-too-much",
        f"With parts of these sizes in words ({listed}) the team still reads {read:,} of"
        f" {shared:,}: a saving of {saved:.0%}. Who reads something that the job does not need?",
    )
    expect(
        "searches" not in seen["writer"] | seen["reviewer"] and not seen["researcher"],
        "reads-what-it-does-not-need",
        "The saving is large enough, but the docstring's jobs need less: the researcher begins"
        " from the task alone, and the notes stand for the searches.",
    )


_SIZES = {"searches": (900, 2000), "notes": (80, 160), "draft": (60, 120), "feedback": (10, 40)}


def _kinds(role: str, given: Any) -> set[str]:
    if given is None:
        raise Wrong("returns-nothing", f"`visible_to({role!r})` returned None: end with `return`.")
    expect(
        not isinstance(given, str),
        "returns-a-text",
        f"`visible_to({role!r})` returned the text {given!r}. Return several kinds, such as a"
        " tuple; a tuple of one is written `(kind,)`.",
    )
    kinds = set(given)
    unknown = sorted(kinds - set(KINDS))
    expect(
        not unknown,
        "names-an-unknown-kind",
        f"`visible_to({role!r})` names {unknown}. There are: {', '.join(KINDS)}.",
    )
    return kinds


def _everybody_can_work(seen: dict[str, set[str]]) -> None:
    needs = {
        "writer": {
            "notes": ("writes-from-nothing", "The writer has no notes to write from."),
            "draft": ("revises-from-nothing", "The writer can't revise a draft it doesn't see."),
            "feedback": ("never-hears-feedback", "The writer never hears what to change."),
        },
        "reviewer": {
            "draft": ("reviews-nothing", "The reviewer has no draft to review."),
            "notes": ("reviews-blind", "The reviewer can't compare the draft with the notes."),
        },
    }
    for role, kinds in needs.items():
        for kind, (misconception, message) in kinds.items():
            expect(kind in seen[role], misconception, f"{message} Show it the {kind}.")
