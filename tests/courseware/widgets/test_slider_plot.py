"""A picture that answers to sliders."""

from __future__ import annotations

from courseware.widgets import figure_svg, slider_plot
from courseware.widgets._svg import PALETTE


def test_sliders_begin_at_one_line_whatever_their_labels() -> None:
    plot = slider_plot(lambda **_: "<svg></svg>", a=(0, 2, 1), failure_percent=(0, 100, 50))
    widths = {slider.style.description_width for slider in plot.sliders.values()}
    assert widths == {f"{len('failure percent')}ch"}


def test_the_picture_follows_every_slider() -> None:
    plot = slider_plot(lambda low, high: f"<svg>{low} {high}</svg>", low=(0, 9, 1), high=(0, 9, 2))
    plot.sliders["high"].value = 5
    assert plot.svg == "<svg>1 5</svg>"


def test_a_plot_takes_the_colours_of_the_theme() -> None:
    from matplotlib import pyplot

    def drawn() -> str:
        figure, axes = pyplot.subplots()
        axes.plot([1, 2], [3, 4])
        return figure_svg(figure)

    svg = drawn()
    assert svg == drawn()
    assert PALETTE["paper"] in svg
    assert f'fill="{PALETTE["text"]}"' in svg
    assert PALETTE["blue"] in svg
    for colour in ("#ffffff", "#000000", "#1f77b4"):
        assert colour not in svg.replace(PALETTE["paper"], "")
