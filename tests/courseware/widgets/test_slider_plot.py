"""A picture that answers to sliders."""

from __future__ import annotations

import re

import ipywidgets
import pytest

from courseware.widgets import Plot, figure_svg, slider_plot
from courseware.widgets._svg import PALETTE


def test_sliders_begin_at_one_line_whatever_their_labels() -> None:
    plot = slider_plot(lambda **_: "<svg></svg>", a=(0, 2, 1), failure_percent=(0, 100, 50))
    widths = {slider.label_width for slider in plot.sliders.values()}
    assert widths == {f"{len('failure percent')}ch"}


def test_the_picture_follows_every_slider() -> None:
    plot = slider_plot(lambda low, high: f"<svg>{low} {high}</svg>", low=(0, 9, 1), high=(0, 9, 2))
    plot.sliders["high"].value = 5
    assert plot.svg == "<svg>1 5</svg>"


def test_a_slider_of_options_gives_the_option_and_shows_its_label() -> None:
    sizes = ipywidgets.SelectionSlider(options=[("1 kB", 1), ("1 MB", 1000)], value=1)
    plot = slider_plot(lambda size: f"<svg>{size}</svg>", size=sizes)
    slider = plot.sliders["size"]
    assert (slider.description, slider.shown) == ("size", "1 kB")
    slider.position = 1.0
    assert plot.svg == "<svg>1000</svg>"
    slider.value = 1
    assert (slider.position, plot.svg) == (0.0, "<svg>1</svg>")


@pytest.mark.parametrize(
    ("given", "moved", "expected"), [((0, 9, 2), 5.0, 5), ((0.0, 1.0, 0.3, 0.1), 0.7, 0.7)]
)
def test_whole_numbers_stay_whole(given, moved, expected) -> None:
    slider = slider_plot(lambda **_: "<svg></svg>", a=given).sliders["a"]
    slider.position = moved
    assert slider.value == expected
    assert type(slider.value) is type(expected)
    slider.value = 99
    assert slider.value == given[1]


def test_colours_that_a_plot_chose_itself_follow_the_theme_too() -> None:
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.barh([1, 2], [3, 4], color="#9cc3e4")
    axes.plot([1, 2], [3, 4], color="#2f7d4f")
    svg = figure_svg(figure)
    assert not re.findall(r"(?<![(,] )#[0-9a-f]{6}(?!\))", svg)
    assert f"color-mix(in srgb, {PALETTE['blue']} 55%, {PALETTE['paper']})" in svg
    assert PALETTE["green"] in svg


def test_a_plot_by_itself_stands_in_the_page_and_not_in_a_picture(monkeypatch) -> None:
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.set(xlabel="seconds")
    plot = Plot(figure, "Seconds")
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "1")
    assert set(plot._repr_mimebundle_()) == {"text/plain", "image/svg+xml"}
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "0")
    shown = plot._repr_mimebundle_()
    assert "image/svg+xml" not in shown
    assert shown["text/plain"] == "Plot: Seconds"


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
