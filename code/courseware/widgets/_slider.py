"""Show a picture that answers to sliders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from courseware.runtime.unattended import unattended
from courseware.widgets._frame import Static, markup, panel, status_html, widget_bundle
from courseware.widgets._range import Range, option_range


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
        self.sliders = {name: _accessible(slider) for name, slider in sliders.items()}
        self.picture = markup("")
        for name, slider in self.sliders.items():
            slider.description = slider.description or name.replace("_", " ")
            slider.layout.width = slider.layout.width or "100%"
            slider.observe(self._changed, names="value")
        longest = max((len(slider.description) for slider in self.sliders.values()), default=0)
        for slider in self.sliders.values():
            if isinstance(slider, Range):
                slider.label_width = f"{longest}ch"
            else:
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
    return Range(low=low, high=high, start=start, step=rest[0] if rest else None)


def _accessible(control: Any) -> Any:
    """Return the control, or in place of ipywidgets' nameless sliders one with a name."""
    kinds = (ipywidgets.IntSlider, ipywidgets.FloatSlider, ipywidgets.SelectionSlider)
    return option_range(control) if isinstance(control, kinds) else control
