"""What every widget of the course is made of.

For the author of a widget:

* `readable(value)` turns any value into text that reads well and is the same every run; it never
  raises. `escape(text)` makes text safe inside HTML and SVG. Whatever comes from a model, a
  payload or a learner goes through one of them.
* `table(rows)` is a safe two-column HTML table of names and values, `grid(header, rows)` one
  with a header row, `text_table(rows)` the same as plain text for stored notebooks.
* `labelled_button(text, mark, style)` is a button as wide as its text; `markup(html)` an HTML
  widget for what is already safe.
* `panel(*children)` is the frame of a widget: a box with the course's style sheet, which follows
  JupyterLab's light and dark themes. `status(text)` is a line that screen readers announce.
* `Svg(width, height, title)` collects SVG elements; its colours come from `PALETTE`, which are
  variables with a fallback, so the same picture works inside a widget and stored in a notebook.
* `figure_svg(figure)` is a matplotlib figure as SVG text, the same bytes every run.
* `slider_plot(draw, **sliders)` is a picture that answers to sliders: `draw(**values)` returns
  SVG text. Unattended it shows the picture at the sliders' first values.
* `show(widget, text=..., svg=...)` displays a widget when somebody is there, and its text and
  picture when nobody is.

Meaning is never carried by colour alone: add a word or a mark.
"""

from __future__ import annotations

import html
import io
import json
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ipywidgets
from IPython.display import display

from courseware.runtime.unattended import unattended
from courseware.widgets._comms import keep_order

keep_order()

LIMIT = 20_000
"""Characters of one value that are shown; the rest is counted."""

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")

PALETTE = {
    "paper": "var(--jp-layout-color1, #ffffff)",
    "panel": "var(--jp-layout-color2, #f3f5f7)",
    "line": "var(--jp-border-color1, #c3c9d0)",
    "text": "var(--jp-ui-font-color1, #1f2933)",
    "muted": "var(--jp-ui-font-color2, #5b6773)",
    "blue": "var(--ap-blue, #1d6fb8)",
    "green": "var(--ap-green, #1a7f4b)",
    "amber": "var(--ap-amber, #a05a00)",
    "red": "var(--ap-red, #c0312b)",
    "violet": "var(--ap-violet, #7048b6)",
}
"""Colours by name. Inside JupyterLab they follow the theme; elsewhere they are dark on white."""

FONT = (
    "var(--jp-ui-font-family, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif)"
)
MONO = "var(--jp-code-font-family, ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace)"

STYLE = r"""
.ap-panel { --ap-blue:#1d6fb8; --ap-green:#1a7f4b; --ap-amber:#a05a00; --ap-red:#c0312b;
  --ap-violet:#7048b6; color:var(--jp-ui-font-color1); font-family:var(--jp-ui-font-family);
  max-width:760px; margin:4px 0; overflow:visible; }
body[data-jp-theme-light="false"] .ap-panel { --ap-blue:#6db8f5; --ap-green:#5fcf94;
  --ap-amber:#f0b354; --ap-red:#ff8a80; --ap-violet:#b79cf0; }
.ap-panel .widget-html, .ap-panel .widget-html-content { overflow:visible; line-height:1.45;
  color:inherit; font-size:var(--jp-ui-font-size1); width:100%; }
.ap-panel .widget-html-content { align-self:auto; }
.ap-panel table.ap-table { border-collapse:collapse; width:100%; margin:6px 0; border:none;
  table-layout:auto; color:inherit; font-size:var(--jp-ui-font-size1); }
.ap-panel table.ap-table th, .ap-panel table.ap-table td { text-align:left; vertical-align:top;
  padding:5px 10px 5px 0; border:none; border-top:1px solid var(--jp-border-color2);
  background:none; max-width:none; white-space:normal; color:inherit; }
.ap-panel table.ap-table tr { background:none; }
.ap-panel table.ap-table tbody th { width:1%; white-space:nowrap; padding-right:18px;
  font-weight:400; color:var(--jp-ui-font-color2); }
.ap-panel table.ap-table thead th { font-weight:600; border-top:none; }
.ap-panel .ap-value { white-space:pre-wrap; overflow-wrap:anywhere; max-height:24em;
  overflow:auto; margin:0; font-family:inherit; font-size:inherit; line-height:inherit; }
.ap-panel .ap-code { font-family:var(--jp-code-font-family); font-size:var(--jp-code-font-size); }
.ap-panel .ap-wide .widget-inline-hbox { margin-left:0; margin-right:0; }
.ap-panel .ap-spoken { position:absolute; width:1px; height:1px; overflow:hidden;
  clip-path:inset(50%); white-space:nowrap; }
.ap-panel [class*="ap-mark-"]::before { margin-right:7px; }
.ap-panel .ap-mark-tick::before { content:"\2713" / ""; }
.ap-panel .ap-mark-cross::before { content:"\2717" / ""; }
.ap-panel .ap-mark-pencil::before { content:"\270E" / ""; }
.ap-panel .ap-mark-reply::before { content:"\21B5" / ""; }
.ap-panel .ap-mark-back::before { content:"\2190" / ""; }
.ap-panel .ap-mark-again::before { content:"\21BB" / ""; }
.ap-panel .ap-mark-play::before { content:"\25B6" / ""; }
.ap-panel .ap-mark-stop::before { content:"\25A0" / ""; }
.ap-panel :focus-visible { outline:2px solid var(--ap-blue); outline-offset:2px; }
"""

_REGISTERED_STYLES: list[str] = []


def register_style(css: str) -> None:
    """Add a widget's own rules to the style sheet of every panel made from now on."""
    if css not in _REGISTERED_STYLES:
        _REGISTERED_STYLES.append(css)


def escape(text: object) -> str:
    """Text that is safe inside HTML and SVG, attributes included."""
    return html.escape(visible(str(text)), quote=True)


def visible(text: str) -> str:
    """Return the text with control and direction characters spelt out."""
    text = _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n"))
    return _INVISIBLE.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)


def shorten(text: str, limit: int = LIMIT) -> str:
    """Return the text, cut after `limit` characters, with the number of those left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def readable(value: Any, limit: int = LIMIT) -> str:
    """Any value as text: strings as they are, structures as indented JSON, the rest by `repr`.

    Memory addresses are left out, so the text is the same every run. Never raises.
    """
    if isinstance(value, str):
        return shorten(visible(value), limit)
    if value is None or isinstance(value, bool | int | float):
        return str(value)
    try:
        text = json.dumps(_jsonable(value), ensure_ascii=False, indent=2, default=_fallback)
    except Exception:
        text = _fallback(value)
    return shorten(visible(text), limit)


def one_line(value: Any, limit: int = 80) -> str:
    """Any value as a single short line."""
    if isinstance(value, Mapping | list | tuple):
        try:
            text = json.dumps(_jsonable(value), ensure_ascii=False, default=_fallback)
        except Exception:
            text = _fallback(value)
    else:
        text = readable(value)
    text = " ".join(visible(text).split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _jsonable(value: Any, depth: int = 0) -> Any:
    if depth > 30:
        return "…"
    if isinstance(value, Mapping):
        return {_key(key): _jsonable(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item, depth + 1) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((_jsonable(item, depth + 1) for item in value), key=str)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    kind, content = getattr(value, "type", None), getattr(value, "content", None)
    if isinstance(kind, str) and content is not None and hasattr(value, "additional_kwargs"):
        return _message(value, kind, content, depth)
    dump = getattr(value, "model_dump", None)
    if callable(dump) and not isinstance(value, type):
        return _jsonable(dump(), depth + 1)
    return _fallback(value)


def _message(value: Any, kind: str, content: Any, depth: int) -> Any:
    """Return a LangChain message without its ids, which differ from run to run."""
    calls = getattr(value, "tool_calls", None) or []
    shown: dict[str, Any] = {kind: _jsonable(content, depth + 1)}
    if calls:
        shown["tool_calls"] = [
            {str(call.get("name")): _jsonable(call.get("args"), depth + 1)} for call in calls
        ]
    return shown


def _key(key: Any) -> str:
    return key if isinstance(key, str) else _fallback(key)


def _fallback(value: Any) -> str:
    try:
        return _ADDRESS.sub("", repr(value))
    except Exception:
        return f"<{type(value).__name__}>"


def value_html(value: Any, label: str = "") -> str:
    """One value as safe HTML; long or structured ones in a box that scrolls by keyboard."""
    text = readable(value)
    code = "" if isinstance(value, str | bool | int | float | None) else " ap-code"
    if "\n" not in text and len(text) <= 400:
        return f'<span class="ap-value{code}">{escape(text)}</span>'
    name = f' aria-label="{escape(label)}"' if label else ""
    tall = text.count("\n") > 9 or len(text) > 900
    scroll = f' tabindex="0" role="group"{name}' if tall else ""
    return f'<div class="ap-value{code}"{scroll}>{escape(text)}</div>'


def table(rows: Iterable[tuple[str, Any]], caption: str = "") -> str:
    """Return a safe HTML table of names and values; `caption` is read out by screen readers."""
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{value_html(value, str(name))}</td></tr>'
        for name, value in rows
    )
    label = f' aria-label="{escape(caption)}"' if caption else ""
    return f'<table class="ap-table"{label}><tbody>{body}</tbody></table>' if body else ""


def changed_table(before: Mapping[str, Any], after: Mapping[str, Any], caption: str = "") -> str:
    """Return a safe HTML table of values, with a changed one struck out beside the new."""
    rows = ""
    for name in dict.fromkeys([*before, *after]):
        if name in before and name in after and before[name] == after[name]:
            cell = value_html(after[name], str(name))
        else:
            old = f'<del class="ap-old">{escape(readable(before.get(name)))}</del>'
            new = (
                f'<ins class="ap-new">{escape(readable(after[name]))}</ins>'
                if name in after
                else ""
            )
            cell = " ".join(part for part in (old if name in before else "", new) if part)
            cell = f'<div class="ap-value">{cell}</div>'
        rows += f'<tr><th scope="row">{escape(name)}</th><td>{cell}</td></tr>'
    label = f' aria-label="{escape(caption)}"' if caption else ""
    return f'<table class="ap-table"{label}><tbody>{rows}</tbody></table>' if rows else ""


def folded(rows: Iterable[tuple[str, Any]], caption: str = "") -> str:
    """Like `table`, with structures folded to a line that opens on a click."""
    body = ""
    for name, value in rows:
        cell = value_html(value, str(name))
        if isinstance(value, Mapping | list | tuple) and "\n" in readable(value):
            cell = f"<details><summary>{escape(one_line(value))}</summary>{cell}</details>"
        body += f'<tr><th scope="row">{escape(name)}</th><td>{cell}</td></tr>'
    label = f' aria-label="{escape(caption)}"' if caption else ""
    return f'<table class="ap-table"{label}><tbody>{body}</tbody></table>' if body else ""


def grid(header: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "") -> str:
    """Return a safe HTML table with a header row; the first cell of a row is its heading."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = ""
    for row in rows:
        first, rest = row[0], row[1:]
        cells = "".join(f"<td>{value_html(cell)}</td>" for cell in rest)
        body += f'<tr><th scope="row">{value_html(first)}</th>{cells}</tr>'
    label = f' aria-label="{escape(caption)}"' if caption else ""
    return (
        f'<table class="ap-table"{label}><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def text_table(rows: Iterable[tuple[str, Any]], indent: str = "  ") -> str:
    """Names and values as aligned plain text; lines after a value's first stay in its column."""
    pairs = [(visible(str(name)), readable(value)) for name, value in rows]
    width = max((len(name) for name, _ in pairs), default=0)
    lines: list[str] = []
    for name, value in pairs:
        first, *rest = value.split("\n")
        lines.append(f"{indent}{name:<{width}}  {first}".rstrip())
        lines += [f"{indent}{'':<{width}}  {line}".rstrip() for line in rest]
    return "\n".join(lines)


def markup(content: str) -> Any:
    """Return an HTML widget; `content` must already be safe."""
    return ipywidgets.HTML(value=content, layout=ipywidgets.Layout(width="100%", margin="0"))


def status_html(text: str, mark: str = "", urgent: bool = False) -> str:
    """Return a line that screen readers announce when it appears; `text` is escaped here."""
    role = "alert" if urgent else "status"
    sign = f'<span aria-hidden="true">{escape(mark)}</span> ' if mark else ""
    return f'<div role="{role}" class="ap-status">{sign}{escape(text)}</div>' if text else ""


def labelled_button(text: str, mark: str = "", style: str = "") -> Any:
    """Return a button as wide as its text.

    Args:
        text: its label, which is also its accessible name.
        mark: sign in front of it: ``tick``, ``cross``, ``pencil``, ``reply``, ``back``,
            ``again``, ``play`` or ``stop``. Screen readers leave it out.
        style: ``success``, ``danger``, ``primary`` or nothing.
    """
    button = ipywidgets.Button(description=visible(text), button_style=style)
    button.layout.width = "auto"
    if mark:
        button.add_class(f"ap-mark-{mark}")
    return button


def panel(*children: Any, label: str = "") -> Any:
    """Return the frame of a widget: a box with the course's style sheet.

    Args:
        children: the widgets in it, from top to bottom.
        label: what the whole is, read out by screen readers before the rest.
    """
    css = STYLE + "".join(_REGISTERED_STYLES)
    style = ipywidgets.HTML(value=f"<style>{css}</style>", layout=ipywidgets.Layout(display="none"))
    spoken = [markup(f'<span class="ap-spoken">{escape(label)}</span>')] if label else []
    box = ipywidgets.VBox([style, *spoken, *children], layout=ipywidgets.Layout(overflow="visible"))
    box.add_class("ap-panel")
    return box


WIDEST = 760.0
"""Pixels that a picture takes at most, as wide as a panel; a wider drawing is shown smaller."""


class Svg:
    """Collects the elements of one picture."""

    def __init__(self, width: float, height: float, title: str, description: str = "") -> None:
        self.width, self.height = width, height
        self._title, self._description = title, description
        self._parts: list[str] = []

    def raw(self, element: str) -> None:
        """Add an element as it is; what it contains must already be safe."""
        self._parts.append(element)

    def text(
        self,
        x: float,
        y: float,
        content: object,
        *,
        size: float = 12,
        anchor: str = "middle",
        fill: str = PALETTE["text"],
        weight: int = 400,
        mono: bool = False,
    ) -> None:
        """Add a line of text; `y` is its baseline."""
        self.raw(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" '
            f'font-weight="{weight}" style="fill:{fill};font-family:{MONO if mono else FONT}">'
            f"{escape(content)}</text>"
        )

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = PALETTE["paper"],
        stroke: str = PALETTE["line"],
        stroke_width: float = 1,
        radius: float = 0,
    ) -> None:
        """Add a rectangle."""
        self.raw(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'rx="{radius:g}" style="fill:{fill};stroke:{stroke};stroke-width:{stroke_width:g}"/>'
        )

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        *,
        stroke: str = PALETTE["line"],
        stroke_width: float = 1,
        dash: str = "",
    ) -> None:
        """Add a straight line."""
        dashes = f";stroke-dasharray:{dash}" if dash else ""
        self.raw(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'style="stroke:{stroke};stroke-width:{stroke_width:g}{dashes}"/>'
        )

    def __str__(self) -> str:
        scale = min(1.0, WIDEST / self.width)  # a stored picture is no narrower than it says
        description = f"<desc>{escape(self._description)}</desc>" if self._description else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:.0f} '
            f'{self.height:.0f}" width="{self.width * scale:.0f}" '
            f'height="{self.height * scale:.0f}" role="img" '
            f'aria-label="{escape(self._title)}" style="max-width:100%;height:auto">'
            f"<title>{escape(self._title)}</title>{description}{''.join(self._parts)}</svg>"
        )


def figure_svg(figure: Any) -> str:
    """Return a matplotlib figure as SVG text, the same every run, and closes the figure."""
    import matplotlib
    from matplotlib import pyplot

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "agent-patterns", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


@dataclass(frozen=True)
class Static:
    """What a stored notebook shows: text, and a picture where there is one."""

    text: str
    svg: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)

    def bundle(self) -> dict[str, str]:
        """Return the output by MIME type."""
        result = {"text/plain": self.text, **self.data}
        if self.svg:
            result["image/svg+xml"] = self.svg
        return result


def show(widget: Any, *, text: str, svg: str | None = None) -> None:
    """Display the widget when somebody is there, else its text and picture.

    Outside Jupyter only the text is printed.
    """
    from IPython.core.getipython import get_ipython

    if get_ipython() is None:
        print(text)
    elif unattended():
        _display(Static(text, svg).bundle())
    else:
        _display(widget_bundle(widget, text))


def _display(bundle: Mapping[str, Any]) -> None:
    display(bundle, raw=True)  # type: ignore[no-untyped-call]


def widget_bundle(widget: Any, text: str) -> dict[str, Any]:
    """Return a widget's output by MIME type, with `text` for places that draw no widgets."""
    bundle = widget._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    return {**data, "text/plain": text}


class SliderPlot:
    """A picture that answers to sliders."""

    def __init__(
        self,
        draw: Callable[..., str],
        sliders: Mapping[str, Any],
        *,
        text: Callable[..., str] | None = None,
        label: str = "",
    ) -> None:
        self._draw, self._text, self._label = draw, text, label
        self.sliders = dict(sliders)
        self.picture = markup("")
        for name, slider in self.sliders.items():
            slider.description = slider.description or name.replace("_", " ")
            slider.layout.width = slider.layout.width or "100%"
            slider.observe(self._changed, names="value")
        longest = max((len(slider.description) for slider in self.sliders.values()), default=0)
        for slider in self.sliders.values():
            slider.style.description_width = f"{longest}ch"
        controls = ipywidgets.VBox(list(self.sliders.values()))
        controls.add_class("ap-wide")
        self.widget = panel(controls, self.picture, label=label)
        self._changed(None)

    @property
    def values(self) -> dict[str, Any]:
        """The sliders' values by name."""
        return {name: slider.value for name, slider in self.sliders.items()}

    @property
    def svg(self) -> str:
        """The picture as it is now."""
        return str(self.picture.value)

    def text(self) -> str:
        """Return the picture in words."""
        if self._text is not None:
            return self._text(**self.values)
        setting = ", ".join(f"{name} = {value}" for name, value in self.values.items())
        return f"{self._label or 'Picture'} ({setting})"

    def _changed(self, _change: Any) -> None:
        try:
            self.picture.value = self._draw(**self.values)
        except Exception as error:
            self.picture.value = status_html(
                f"The picture could not be drawn: {type(error).__name__}: {error}", "✗", True
            )

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            return dict(Static(self.text(), self.svg).bundle())
        return widget_bundle(self.widget, self.text())

    def __repr__(self) -> str:
        return self.text()


def slider_plot(
    draw: Callable[..., str],
    *,
    text: Callable[..., str] | None = None,
    label: str = "",
    **sliders: Any,
) -> SliderPlot:
    """Return a picture that answers to sliders.

    Args:
        draw: called with the sliders' values by name; returns SVG text, see `Svg` and
            `figure_svg`.
        text: called likewise; returns what a reader without the picture should know.
        label: what the picture shows, for screen readers and plain text.
        sliders: by name, an ipywidgets control, or a tuple of ints or floats
            ``(low, high, start)`` or ``(low, high, start, step)``.
    """
    made = {name: _slider(value) for name, value in sliders.items()}
    return SliderPlot(draw, made, text=text, label=label)


def _slider(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    low, high, start, *rest = value
    options: dict[str, Any] = {"min": low, "max": high, "value": start, "continuous_update": False}
    if rest:
        options["step"] = rest[0]
    whole = all(isinstance(number, int) for number in value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return (ipywidgets.IntSlider if whole else ipywidgets.FloatSlider)(**options)
