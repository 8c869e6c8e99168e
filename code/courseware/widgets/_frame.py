"""Frame a widget: style sheet, buttons, and what a stored notebook shows instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ipywidgets
from IPython.display import display

from courseware.runtime.unattended import unattended
from courseware.widgets._comms import keep_order
from courseware.widgets._text import escape, visible

keep_order()

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
.ap-panel .ap-value { white-space:pre-wrap; overflow-wrap:anywhere; margin:0;
  font-family:inherit; font-size:inherit; line-height:inherit; }
.ap-panel .ap-value[tabindex] { max-height:24em; overflow:auto; }
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


def markup(content: str) -> Any:
    """Return an HTML widget; `content` must already be safe."""
    return ipywidgets.HTML(value=content, layout=ipywidgets.Layout(width="100%", margin="0"))


def status_html(text: str, mark: str = "", urgent: bool = False) -> str:
    """Return a line that screen readers announce when it appears; `text` is escaped here."""
    role, look = ("alert", " ap-urgent") if urgent else ("status", "")
    sign = f'<span aria-hidden="true">{escape(mark)}</span> ' if mark else ""
    return f'<div role="{role}" class="ap-status{look}">{sign}{escape(text)}</div>' if text else ""


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


@dataclass(frozen=True)
class Static:
    """Hold what a stored notebook shows: text, and a picture where there is one."""

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
