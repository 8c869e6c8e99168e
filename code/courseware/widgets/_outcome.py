"""Say what a card stands for, what was decided on it, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError

from agent_patterns.approval.errors import InvalidArguments
from courseware.widgets._requests import Ask, Request
from courseware.widgets._text import one_line, visible

CardState = Literal["waiting", "sent", "done", "failed", "gone"]


@dataclass
class Outcome:
    """Record what came of one decision."""

    decided: str
    """The decision in words."""
    at: datetime | None = None
    nodes: list[str] = field(default_factory=list)
    """Nodes that finished after the decision, in order."""
    changes: dict[str, Any] = field(default_factory=dict)
    """Values of the state that changed."""
    error: BaseException | None = None
    finished: bool = False
    """The run is at its end; otherwise it waits again or failed."""

    def summary(self) -> str:
        """Say in one line what happened."""
        if self.error is not None:
            return f"The run failed: {describe(self.error)}"
        shown = [name for name in self.nodes if "." not in name and not name.startswith("_")]
        ran = f"Ran {_listing(shown)}. " if shown else ""
        return ran + ("The run is finished." if self.finished else "The run waits again.")


@dataclass
class Card:
    """Hold one interrupt of the panel."""

    request: Request
    state: CardState = "waiting"
    answers: dict[int, Any] = field(default_factory=dict)
    outcome: Outcome | None = None
    message: str = ""
    at_field: bool = False
    """What the message says stands at the fields of the form already."""

    @property
    def rejected(self) -> bool:
        """Every ask of the interrupt has been rejected."""
        kinds = [a.get("type") if isinstance(a, Mapping) else "" for a in self.answers.values()]
        return bool(kinds) and set(kinds) == {"reject"}

    @property
    def complete(self) -> bool:
        """Every ask of the interrupt has its answer."""
        return len(self.answers) == len(self.request.asks)


def describe(error: BaseException) -> str:
    """Return an error in one readable paragraph, without a traceback."""
    text = visible(str(error)).strip()
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def complaints(error: BaseException) -> list[tuple[str, str]]:
    """Return what a graph's own check finds wrong, as pairs of a field and a reason."""
    errors = error.errors(include_url=False) if isinstance(error, ValidationError) else []
    found = []
    for each in errors:
        cause = each.get("ctx", {}).get("error")
        if isinstance(cause, InvalidArguments):
            found += [(name, visible(why)) for name, why in cause.fields]
            continue
        path = [str(part) for part in each["loc"]]
        name = ".".join(path[path.index("args") + 1 :] if "args" in path else path[-1:])
        found.append((name, visible(each["msg"].removeprefix("Value error, "))))
    return found or [("", describe(error))]


def _listing(names: Sequence[str]) -> str:
    return ", ".join(visible(name) for name in names)


def decision_words(ask: Ask, answer: Any) -> str:
    """Return a decision as a human would say it."""
    kind = answer.get("type") if isinstance(answer, Mapping) else None
    if ask.kind in ("question", "form") or kind not in ("approve", "edit", "reject", "respond"):
        labels = [label for label, value in ask.options if value == answer]
        return f"answered {_quoted(labels[0] if labels else answer)}"
    if kind == "approve":
        return {"breakpoint": "continued", "retry": "tried again"}.get(ask.kind, "approved")
    if kind == "edit":
        new = answer["edited_action"]["args"]
        changed = {key: value for key, value in new.items() if ask.args.get(key, _NONE) != value}
        gone = [key for key in ask.args if key not in new]
        parts = [f"{key} = {_quoted(value)}" for key, value in changed.items()]
        parts += [f"without {key}" for key in gone]
        return "approved with " + ", ".join(parts) if parts else "approved with no change"
    word = "rejected" if kind == "reject" else "answered"
    message = answer.get("message")
    if message:
        return f"{word}: {_quoted(message)}"
    return f"{word} without a reason" if kind == "reject" else word


_NONE = object()


def _quoted(value: Any) -> str:
    return f'"{one_line(value)}"' if isinstance(value, str) else one_line(value)
