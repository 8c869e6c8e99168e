"""Record what a model is asked, and show the requests of several runs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import LLMResult

from courseware.runtime.unattended import unattended
from courseware.widgets._frame import Static, markup, panel, register_style, widget_bundle
from courseware.widgets._text import escape, one_line

register_style(
    """
.ap-panel table.ap-compare { table-layout:fixed; width:100%; }
.ap-panel table.ap-compare td { vertical-align:top; text-align:left; white-space:normal;
  overflow-wrap:anywhere; }
.ap-panel table.ap-compare th:first-child { width:62px; }
.ap-panel table.ap-compare .ap-same { opacity:.62; }
.ap-panel table.ap-compare .ap-role { font-weight:600; }
"""
)


class Recorder(BaseCallbackHandler):
    """Keep the messages of every request to a chat model, and what came back.

    Hand it over as a callback: ``agent.invoke(value, {"callbacks": [recorder]})``.
    """

    def __init__(self) -> None:
        self.requests: list[list[BaseMessage]] = []
        self.answers: list[AIMessage] = []

    def on_chat_model_start(
        self, serialized: dict[str, Any], messages: list[list[BaseMessage]], **kwargs: Any
    ) -> None:
        """Keep a request."""
        self.requests += [list(batch) for batch in messages]

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """Keep its answer."""
        for batch in response.generations:
            for generation in batch:
                message = getattr(generation, "message", None)
                if isinstance(message, AIMessage):
                    self.answers.append(message)

    @property
    def tokens(self) -> list[int]:
        """Return the tokens billed for each request, in and out."""
        usages = (answer.usage_metadata for answer in self.answers)
        return [usage["total_tokens"] if usage else 0 for usage in usages]


class RequestsView:
    """Show the requests of several runs in columns; what equals the column to the left is pale.

    Args:
        runs: what each run asked, by its name.
        title: what the table shows.
    """

    def __init__(self, runs: Mapping[str, Recorder], *, title: str = "What was sent") -> None:
        self._runs, self._title = dict(runs), title
        self.widget = panel(markup(self._html()), label=title)

    def _rows(self) -> int:
        return max((len(run.requests) for run in self._runs.values()), default=0)

    def _request(self, run: Recorder, number: int) -> list[tuple[str, str]]:
        return lines_of(run.requests[number]) if number < len(run.requests) else []

    def same(self) -> bool:
        """Return True when all runs sent the same requests."""
        every = [[lines_of(each) for each in run.requests] for run in self._runs.values()]
        return all(each == every[0] for each in every)

    def _html(self) -> str:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self._runs)
        body = ""
        for number in range(self._rows()):
            body += f"<tr><th scope='row'>{number + 1}</th>"
            before: list[tuple[str, str]] | None = None
            for run in self._runs.values():
                lines = self._request(run, number)
                same = lines == before
                told = "<br>".join(
                    f'<span class="ap-role">{escape(role)}</span> {escape(one_line(said, 90))}'
                    for role, said in lines
                )
                mark = "= as on the left<br>" if same else ""
                body += f'<td class="{"ap-same" if same else ""}">{mark}{told}</td>'
                before = lines
            body += "</tr>"
        label = escape(self._title)
        return (
            f'<table class="ap-table ap-compare" aria-label="{label}"><thead><tr>'
            f'<th scope="col">Request</th>{head}</tr></thead><tbody>{body}</tbody></table>'
        )

    def text(self) -> str:
        """Return the requests in words, the same every run."""
        lines = [self._title]
        for number in range(self._rows()):
            before: list[tuple[str, str]] | None = None
            for name, run in self._runs.items():
                told = self._request(run, number)
                lines.append(f"  request {number + 1}, {name}:")
                if told and told == before:
                    lines.append("    the same")
                else:
                    lines += [f"    {role:9} {one_line(said, 84)}" for role, said in told]
                before = told
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            return dict(Static(self.text()).bundle())
        return widget_bundle(self.widget, self.text())


ROLES = {"human": "user", "ai": "assistant"}


def lines_of(messages: Sequence[BaseMessage]) -> list[tuple[str, str]]:
    """Return a role and a line for each message; ids, which differ in every run, are left out."""
    lines: list[tuple[str, str]] = []
    for message in messages:
        said = str(message.text)
        for call in getattr(message, "tool_calls", ()):
            arguments = ", ".join(f"{name}={value!r}" for name, value in call["args"].items())
            said += f"{' ' if said else ''}{call['name']}({arguments})"
        lines.append((ROLES.get(message.type, message.type), said))
    return lines
