"""How exercises look: as HTML in JupyterLab, and the same as plain text everywhere else.

Everything a learner or a model may have written is escaped. The same outcome always gives the same
text, so that stored notebooks can be compared.
"""

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String

from courseware.exercises.verdict import Outcome

_WIDTH = 92
_LABEL = {
    "passed": ("Passed", "--jp-success-color1", "#2e7d32"),
    "failed": ("Not yet", "--jp-warn-color1", "#b45309"),
    "raised": ("Stopped by an error", "--jp-error-color1", "#c62828"),
    "unattempted": ("Not attempted yet", "--jp-info-color1", "#0277bd"),
}
_INK = {
    Keyword: "--jp-mirror-editor-keyword-color",
    Name.Builtin: "--jp-mirror-editor-builtin-color",
    Number: "--jp-mirror-editor-number-color",
    String: "--jp-mirror-editor-string-color",
    Comment: "--jp-mirror-editor-comment-color",
    Operator.Word: "--jp-mirror-editor-keyword-color",
}


class Described(Protocol):
    """The texts of an exercise that are shown."""

    @property
    def id(self) -> str:
        """Lesson and number: ``05.1``."""

    @property
    def title(self) -> str:
        """A few words."""

    @property
    def hints(self) -> Sequence[str]:
        """From a nudge to nearly the answer."""

    @property
    def notes(self) -> Sequence[str]:
        """Return what to notice in the reference solution."""

    @property
    def now(self) -> str:
        """Return what the learner can do after passing, and what comes next."""

    @property
    def solution_code(self) -> str:
        """The reference solution, as shown."""


@dataclass(frozen=True)
class Result:
    """The outcome of one check; the last line of a cell shows it."""

    exercise: Described = field(repr=False)
    outcome: Outcome
    message: str
    """What helps: the misconception explained, the exception and its line, what is left to do."""
    misconception: str | None = None
    printed: str = ""
    """What the learner's code printed while it was checked."""
    remark: str = ""
    """A further remark, e.g. that progress could not be recorded."""

    def __repr__(self) -> str:
        return result_text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": result_html(self)}


class Panel:
    """Text and HTML of the same thing."""

    def __init__(self, text: str, markup: str) -> None:
        self._text, self._markup = text, markup

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self._text, "text/html": self._markup}


def result_text(result: Result) -> str:
    """Return a check's outcome as plain text."""
    label = _LABEL[result.outcome][0]
    parts = [f"{result.exercise.id} {result.exercise.title}: {label.lower()}"]
    if result.message:
        parts.append(_wrapped(_plain(result.message)))
    if result.outcome == "passed":
        parts += _solution_text(result.exercise)
    if result.printed.strip():
        parts += ["  Your code printed:", textwrap.indent(_head(result.printed), "    ")]
    parts += [_wrapped(_plain(line)) for line in (_next(result), result.remark) if line]
    return "\n".join(parts)


def result_html(result: Result) -> str:
    """Return a check's outcome as HTML."""
    label, variable, colour = _LABEL[result.outcome]
    body = _paragraphs(result.message)
    if result.outcome == "passed":
        body += _solution_html(result.exercise)
    if result.printed.strip():
        body += f"<p>Your code printed:</p>{_pre(html.escape(_head(result.printed)))}"
    body += "".join(_paragraphs(line) for line in (_next(result), result.remark) if line)
    head = f"<strong>{label}</strong> · {_escaped(_name(result.exercise))}"
    return _box(head, body, variable, colour)


def displayed(panel: Panel) -> Panel | None:
    """Show a panel at once in a notebook, so that a cell can show several; else returns it."""
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        return panel
    display(panel)  # type: ignore[no-untyped-call]
    return None


def hint_panel(exercise: Described, given: int) -> Panel:
    """Return the first `given` hints."""
    total = len(exercise.hints)
    left = total - given
    next_line = (
        f"Run the cell again for the next one ({left} left)."
        if left
        else f'That was the last one. `exercise("{exercise.id}").solution()` shows an answer.'
    )
    text = [f"{_name(exercise)}: hints"]
    text += [
        _wrapped(f"{number}. {_plain(hint)}")
        for number, hint in enumerate(exercise.hints[:given], 1)
    ]
    text.append(_wrapped(_plain(next_line)))
    items = "".join(f"<li>{_inline(hint)}</li>" for hint in exercise.hints[:given])
    head = f"<strong>Hint {given} of {total}</strong> · {_escaped(_name(exercise))}"
    body = f"<ol>{items}</ol>{_paragraphs(next_line)}"
    return Panel("\n".join(text), _box(head, body, *_LABEL["unattempted"][1:]))


def solution_panel(exercise: Described) -> Panel:
    """Return the reference solution and its notes."""
    text = "\n".join([f"{_name(exercise)}: solution", *_solution_text(exercise)])
    head = f"<strong>Solution</strong> · {_escaped(_name(exercise))}"
    return Panel(text, _box(head, _solution_html(exercise), *_LABEL["unattempted"][1:]))


def _name(exercise: Described) -> str:
    return f"{exercise.id} {exercise.title}"


def _next(result: Result) -> str:
    number = result.exercise.id
    match str(result.outcome):
        case "passed":
            return result.exercise.now
        case "unattempted":
            return f'Write your answer in the cell and run it. `exercise("{number}").hint()` helps.'
    return f'Change the cell and run it again. `exercise("{number}").hint()` helps.'


def _solution_text(exercise: Described) -> list[str]:
    return [
        "  The reference solution:",
        textwrap.indent(exercise.solution_code.strip(), "    "),
        "  What to notice:",
        *(_wrapped(f"- {_plain(note)}") for note in exercise.notes),
    ]


def _solution_html(exercise: Described) -> str:
    notes = "".join(f"<li>{_inline(note)}</li>" for note in exercise.notes)
    return (
        f"<p>The reference solution:</p>{_pre(_code(exercise.solution_code.strip()))}"
        f"<p>What to notice:</p><ul>{notes}</ul>"
    )


def _head(text: str, lines: int = 12) -> str:
    kept = text.strip("\n").splitlines()
    more = [f"… and {len(kept) - lines} more lines"] if len(kept) > lines else []
    return "\n".join([line[:200] for line in kept[:lines]] + more)


def _wrapped(text: str) -> str:
    return "\n".join(
        textwrap.fill(
            line, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
        )
        for line in text.splitlines()
    )


def _plain(text: str) -> str:
    """Backticks mark code in HTML; plain text goes without."""
    return text.replace("`", "")


def _escaped(text: str) -> str:
    return html.escape(text)


def _inline(text: str) -> str:
    """Escaped, with `backticked` parts as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _escaped(text)
    return "".join(
        f"<code>{_escaped(part)}</code>" if index % 2 else _escaped(part)
        for index, part in enumerate(parts)
    )


def _paragraphs(text: str) -> str:
    return "".join(f'<p style="margin: 6px 0">{_inline(line)}</p>' for line in text.splitlines())


def _code(source: str) -> str:
    """Python in the colours of the reader's JupyterLab theme, light or dark."""
    coloured: list[str] = []
    for ink, tokens in groupby(PythonLexer(ensurenl=False).get_tokens(source), key=_ink):
        text = _escaped("".join(value for _, value in tokens))
        coloured.append(f'<span style="color: var({ink})">{text}</span>' if ink else text)
    return "".join(coloured)


def _ink(token: tuple[Any, str]) -> str | None:
    return next((_INK[kind] for kind in _INK if token[0] in kind), None)


def _pre(markup: str) -> str:
    return (
        '<pre tabindex="0" style="padding: 8px; overflow-x: auto; white-space: pre;'
        f' word-break: normal; background: var(--jp-layout-color2, #f3f3f3)">{markup}</pre>'
    )


def _box(head: str, body: str, variable: str, colour: str) -> str:
    return (
        f'<div role="status" style="border-left: 4px solid var({variable}, {colour});'
        f' padding: 4px 12px; max-width: 60em"><p style="margin: 6px 0">{head}</p>{body}</div>'
    )
