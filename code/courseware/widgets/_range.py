"""A slider with an accessible name: ipywidgets' own leave the handle without one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import anywidget
import traitlets

_ESM = """
function render({ model, el }) {
  const label = document.createElement("label");
  const name = document.createElement("span");
  const input = document.createElement("input");
  const shown = document.createElement("output");
  label.className = "ap-range";
  input.type = "range";
  label.append(name, input, shown);
  el.append(label);
  const draw = () => {
    name.textContent = model.get("description");
    name.style.minWidth = model.get("label_width");
    input.min = model.get("low");
    input.max = model.get("high");
    input.step = model.get("step");
    input.value = model.get("position");
    input.setAttribute("aria-label", model.get("description"));
    input.setAttribute("aria-valuetext", model.get("shown"));
    shown.textContent = model.get("shown");
  };
  const send = () => {
    model.set("position", Number(input.value));
    model.save_changes();
  };
  input.addEventListener("change", send);
  input.addEventListener("input", () => { if (model.get("live")) send(); });
  input.addEventListener("keydown", event => event.stopPropagation());
  model.on("change", draw);
  draw();
}
export default { render };
"""

_CSS = """
.ap-range { display:flex; align-items:center; gap:10px; width:100%; padding:3px 0;
  color:var(--jp-ui-font-color1); font-family:var(--jp-ui-font-family);
  font-size:var(--jp-ui-font-size1); }
.ap-range input { flex:1; min-width:80px; margin:0; accent-color:#1d6fb8; height:20px; }
.ap-range input:focus-visible { outline:2px solid #1d6fb8; outline-offset:2px; }
.ap-range output { min-width:5ch; font-family:var(--jp-code-font-family); }
"""


class Range(anywidget.AnyWidget):
    """A slider over numbers, or over a list of options.

    Args:
        description: its label and accessible name.
        low: the lowest number; 0 with options.
        high: the highest number; the last option's place with options.
        start: the value at first.
        step: from one position to the next; by default 1 for whole numbers, else a hundredth.
        options: labels and values to choose from instead of numbers.
        live: the value follows the handle, instead of waiting until it is let go.
    """

    _esm = _ESM
    _css = _CSS
    position = traitlets.Float(0.0).tag(sync=True)
    low = traitlets.Float(0.0).tag(sync=True)
    high = traitlets.Float(1.0).tag(sync=True)
    step = traitlets.Float(1.0).tag(sync=True)
    description = traitlets.Unicode("").tag(sync=True)
    label_width = traitlets.Unicode("0").tag(sync=True)
    shown = traitlets.Unicode("").tag(sync=True)
    live = traitlets.Bool(False).tag(sync=True)
    value = traitlets.Any()

    def __init__(
        self,
        description: str = "",
        *,
        low: float = 0,
        high: float = 1,
        start: Any = 0,
        step: float | None = None,
        options: Sequence[tuple[str, Any]] = (),
        live: bool = False,
    ) -> None:
        self._options = tuple(options)
        whole = all(isinstance(number, int) for number in (low, high, start, step or 1))
        self._whole = whole
        if options:
            low, high, step = 0, len(options) - 1, 1
        elif step is None:
            step = 1 if whole else (high - low) / 100
        # the browser snaps to steps counted from the low end
        super().__init__(
            description=description, low=low, high=high, step=step, live=live, value=start
        )
        self._moved()

    @property
    def max(self) -> float:
        """The highest number, by the name that ipywidgets gives it."""
        return float(self.high)

    @max.setter
    def max(self, high: float) -> None:
        self.high = float(high)

    @traitlets.observe("value")
    def _set(self, _change: object = None) -> None:
        if self._options:
            values = [value for _, value in self._options]
            self.position = float(values.index(self.value))
        else:
            self.position = float(min(max(self.value, self.low), self.high))
        self._moved()

    @traitlets.observe("position")
    def _moved(self, _change: object = None) -> None:
        if self._options:
            self.shown, self.value = self._options[int(self.position)]
            return
        decimals = max(0, -math.floor(math.log10(self.step))) if self.step < 1 else 0
        number = int(self.position) if self._whole else round(self.position, decimals + 2)
        self.value, self.shown = number, f"{number:g}"


def option_range(control: Any) -> Range:
    """Return a slider like one of ipywidgets', with an accessible name."""
    if hasattr(control, "options"):
        pairs = list(zip(control._options_labels, control._options_values, strict=True))
        return Range(control.description, options=pairs, start=control.value)
    return Range(
        control.description,
        low=control.min,
        high=control.max,
        start=control.value,
        step=control.step,
        live=control.continuous_update,
    )
