"""A picture that answers to sliders."""

from __future__ import annotations

from courseware.widgets import slider_plot


def test_sliders_begin_at_one_line_whatever_their_labels() -> None:
    plot = slider_plot(lambda **_: "<svg></svg>", a=(0, 2, 1), failure_percent=(0, 100, 50))
    widths = {slider.style.description_width for slider in plot.sliders.values()}
    assert widths == {f"{len('failure percent')}ch"}


def test_the_picture_follows_every_slider() -> None:
    plot = slider_plot(lambda low, high: f"<svg>{low} {high}</svg>", low=(0, 9, 1), high=(0, 9, 2))
    plot.sliders["high"].value = 5
    assert plot.svg == "<svg>1 5</svg>"
