"""Check: What does it need?"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from agent_patterns.state import Needs, recommend
from courseware.exercises import Unattempted, Wrong, chance, expect

MUST = {
    "A": (),
    "B": ("tools",),
    "C": ("tools", "human_approval"),
    "D": ("loops",),
    "E": ("parallel_steps",),
}
MAY = {
    "A": (),
    "B": (),
    "C": ("survives_restart",),
    "D": ("shared_state",),
    "E": ("shared_state",),
}
"""Needs that can be defended too: an approval waits for days, parallel steps share keys."""

WHY = {
    "tools": "Here the model chooses among tools, and how often.",
    "human_approval": "Here a person decides in the middle of the run.",
    "loops": "Here your own code sends the work back.",
    "parallel_steps": "Here steps run at the same time and meet again.",
}

LOOP = " An agent's own loop is part of `tools`; `loops` is for a loop that your code decides."


def check(needs: Mapping[str, Any]) -> None:
    """Compare what each task needs, in an order drawn at random."""
    expect(
        isinstance(needs, Mapping) and set(needs) == set(MUST),
        "not-all-tasks",
        f"`needs` must say something about each of the tasks {', '.join(MUST)}, and only those.",
    )
    left = [task for task, need in needs.items() if need is ... or need is None]
    if left:
        raise Unattempted(f"Still to be filled in: {', '.join(left)}.")
    for task in chance().sample(sorted(MUST), len(MUST)):
        need = needs[task]
        if not isinstance(need, Needs):
            raise Wrong(
                "names-a-framework",
                f"For {task} you wrote {need!r}. Say what the task needs, with `Needs(…)`; the"
                " framework follows from it.",
            )
        asked = {field.name for field in fields(need) if getattr(need, field.name)}
        for name in MUST[task]:
            expect(
                name in asked,
                "overlooks-a-need",
                f"Task {task} has a need that you left out. {WHY[name]}",
            )
        for name in sorted(asked - {*MUST[task], *MAY[task]}):
            why = LOOP if name == "loops" else ""
            larger = recommend(need).framework
            raise Wrong(
                "asks-for-too-much",
                f"Nothing in task {task} asks for `{name}`.{why} With it you would build"
                f" {'an' if larger == 'agent' else 'a'} {larger}; every need that isn't there"
                " makes the program larger and harder to debug.",
            )
