"""Show a plot in the notebook's theme, also when the theme changes."""

from __future__ import annotations

from typing import Any

from courseware.runtime.unattended import unattended
from courseware.widgets._frame import Static, markup, panel, widget_bundle
from courseware.widgets._svg import figure_svg


class Plot:
    """A matplotlib figure, drawn within the page: a picture of its own would know no theme.

    Args:
        figure: the figure; it is closed.
        label: what it shows, for screen readers and plain text.
    """

    def __init__(self, figure: Any, label: str) -> None:
        self.svg, self._label = figure_svg(figure), label
        self.widget = panel(markup(self.svg), label=label)

    def __repr__(self) -> str:
        return f"Plot: {self._label}"

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        if unattended():
            return dict(Static(repr(self), self.svg).bundle())
        return widget_bundle(self.widget, repr(self))
