"""The graph view: where things are drawn, and what lights up when."""

from __future__ import annotations

import operator
import os
import subprocess
import sys
import threading
from itertools import combinations, pairwise
from typing import Annotated, TypedDict
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send, interrupt
from matplotlib import font_manager, ft2font
from tests.courseware.widgets.waiting_desk import REQUEST, Desk

from courseware.widgets import ApprovalPanel, GraphView
from courseware.widgets._drawing import Level, text_width
from courseware.widgets._layout import lay_out
from courseware.widgets._picture import picture


class State(TypedDict, total=False):
    log: Annotated[list, operator.add]


def node(name, act=None):
    def run(state):
        if act is not None:
            act(state)
        return {"log": [name]}

    return run


def team(act=None, **options):
    inner = StateGraph(State)
    inner.add_node("search", node("search"))
    inner.add_node("read", node("read", act))
    inner.add_edge(START, "search")
    inner.add_edge("search", "read")
    inner.add_edge("read", END)
    builder = StateGraph(State)
    builder.add_node("plan", node("plan"))
    builder.add_node("research", inner.compile())
    builder.add_node("write", node("write"))
    builder.add_edge(START, "plan")
    builder.add_edge("plan", "research")
    builder.add_edge("research", "write")
    builder.add_edge("write", END)
    return builder.compile(**options)


names = [START, *(f"node_{n}" for n in range(8)), END]


@st.composite
def levels(draw, depth=1):
    used = [*names[: draw(st.integers(2, 9))], END]
    edges = {}
    for _ in range(draw(st.integers(1, 14))):
        source, target = draw(st.sampled_from(used[:-1])), draw(st.sampled_from(used[1:]))
        edges[source, target] = (draw(st.sampled_from(["", "", "needs work"])), draw(st.booleans()))
    inner = {}
    if depth and draw(st.booleans()):
        inner[used[1]] = draw(levels(depth - 1))
    return Level(used, [(s, t, *rest) for (s, t), rest in edges.items()], inner)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(levels(), st.sampled_from(["right", "down"]))
def test_nothing_overlaps_and_everything_is_inside(level, direction):
    drawing = lay_out(level, direction)
    boxes = list(drawing.boxes)
    for box in boxes:
        assert box.x >= -0.01
        assert box.y >= -0.01
        assert box.x + box.width <= drawing.width + 0.01
        assert box.y + box.height <= drawing.height + 0.01
    for one, two in combinations(boxes, 2):
        if one.path == two.path[: len(one.path)]:
            assert one.x <= two.x
            assert two.x + two.width <= one.x + one.width
            continue
        apart = (
            one.x + one.width <= two.x + 0.01
            or two.x + two.width <= one.x + 0.01
            or one.y + one.height <= two.y + 0.01
            or two.y + two.height <= one.y + 0.01
        )
        assert apart, (one, two)
    ElementTree.fromstring(picture(drawing, {}, {}, "title <&>"))


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(levels(depth=0), st.sampled_from(["right", "down"]))
def test_no_edge_runs_through_a_node(level, direction):
    drawing = lay_out(level, direction)
    for wire in drawing.wires:
        for (x1, y1), (x2, y2) in pairwise(wire.points):
            straight = abs(x1 - x2) < 0.01 or abs(y1 - y2) < 0.01
            if not straight:
                continue
            for box in drawing.boxes:
                if box.path in (wire.source, wire.target):
                    continue
                low_x, high_x = sorted((x1, x2))
                low_y, high_y = sorted((y1, y2))
                outside = (
                    high_x <= box.x + 0.01
                    or low_x >= box.x + box.width - 0.01
                    or high_y <= box.y + 0.01
                    or low_y >= box.y + box.height - 0.01
                )
                assert outside, (wire, box)


SUPERVISOR = """
from courseware.widgets._drawing import END, START, Level
from courseware.widgets._layout import lay_out
team = ["researcher", "writer", "reviewer", "tester", "critic"]
edges = [(START, "supervisor", "", False), ("supervisor", END, "FINISH", True)]
for name in team:
    edges += [("supervisor", name, "", True), (name, "supervisor", "", False)]
print(lay_out(Level([START, "supervisor", *team, END], edges)))
"""


@pytest.mark.slow
def test_the_layout_is_the_same_in_every_process():
    printed = {
        subprocess.run(
            [sys.executable, "-c", f"kept = [object() for _ in range({n})]\n{SUPERVISOR}"],
            env={**os.environ, "PYTHONHASHSEED": str(n)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for n in (1, 77, 5003)
    }
    assert len(printed) == 1


def test_a_run_lights_up_nodes_and_inner_nodes(monkeypatch):
    lit = threading.Event()
    seen = []
    view = GraphView(team(lambda state: lit.wait(20)))
    follow = view.follow

    def watch(event):
        follow(event)
        if view.states["research/read"] == "running":
            seen.append(dict(view.states))
            lit.set()

    monkeypatch.setattr(view, "follow", watch)
    view.run({"log": []})
    assert seen[0] == {
        "plan": "done",
        "research": "running",
        "research/search": "done",
        "research/read": "running",
        "write": "idle",
    }
    assert set(view.states.values()) == {"done"}


def test_a_failure_is_marked_where_it_happened():
    def act(state):
        raise ValueError("no printer")

    view = GraphView(team(act))
    with pytest.raises(ValueError, match="no printer"):
        view.run({"log": []})
    assert view.states["research/read"] == "failed"
    assert view.states["research"] == "failed"
    assert view.states["write"] == "idle"
    assert "✗ failed" in view.svg


def test_an_interrupt_inside_a_subgraph_waits_and_goes_on():
    graph = team(lambda state: interrupt("go on?"), checkpointer=InMemorySaver())
    view = GraphView(graph)
    config = {"configurable": {"thread_id": "v"}}
    result = view.run({"log": []}, config)
    assert [waiting.value for waiting in result["__interrupt__"]] == ["go on?"]
    assert view.states["research/read"] == "waiting"
    assert view.states["research"] == "waiting"
    assert "? waits" in view.svg
    view.run(Command(resume="yes"), config)
    assert set(view.states.values()) == {"done"}


def test_a_static_breakpoint_pauses_before_a_node():
    graph = team(checkpointer=InMemorySaver(), interrupt_before=["write"])
    view = GraphView(graph)
    config = {"configurable": {"thread_id": "v"}}
    view.run({"log": []}, config)
    assert view.states["research"] == "done"
    assert view.states["write"] == "paused"
    assert view.state_of(END) == "idle"
    assert "write -> end  [paused before]" in view.text()
    assert "‖ paused before" in view.svg
    view.run(None, config)
    assert set(view.states.values()) == {"done"}
    assert view.state_of(END) == "done"


def test_a_decision_that_leads_to_a_breakpoint_pauses_there():
    graph = team(lambda state: interrupt("go on?"), checkpointer=InMemorySaver(),
                 interrupt_before=["write"])  # fmt: skip
    view = GraphView(graph)
    config = {"configurable": {"thread_id": "v"}}
    view.run({"log": []}, config)
    panel = ApprovalPanel(graph, config, view=view)
    assert panel.fill_and_press(panel.waiting[0], "yes")
    assert view.states["research"] == "done"
    assert view.states["write"] == "paused"


def test_parallel_branches_and_repeats_are_counted():
    builder = StateGraph(State)
    builder.add_node("plan", node("plan"))
    builder.add_node("work", node("work"))
    builder.add_node("gather", node("gather"))
    builder.add_edge(START, "plan")
    builder.add_conditional_edges("plan", lambda s: [Send("work", s)] * 3, ["work"])
    builder.add_edge("work", "gather")
    builder.add_edge("gather", END)
    view = GraphView(builder.compile())
    view.run({"log": []})
    assert "✓ done ×3" in view.svg
    assert "work -> gather  [done 3 times]" in view.text()


def dashed(view):
    """The conditional edges as (source, target, whether it is drawn as taken)."""
    conditional = [wire for wire in view.drawing.wires if wire.conditional]
    root = ElementTree.fromstring(view.svg)
    lines = [e.attrib["style"] for e in root.iter() if "dasharray" in e.attrib.get("style", "")]
    assert len(lines) == len(conditional)
    return {
        ("/".join(wire.source), "/".join(wire.target)): "stroke-width:2.2" in style
        for wire, style in zip(conditional, lines, strict=True)
    }


def revising(drafts, act=None, **options):
    builder = StateGraph(State)
    builder.add_node("write", node("write"))
    builder.add_node("review", node("review", act))
    builder.add_node("give_up", node("give_up"))
    builder.add_edge(START, "write")
    builder.add_edge("write", "review")
    builder.add_edge("give_up", END)
    builder.add_conditional_edges(
        "review",
        lambda state: END if state["log"].count("write") == drafts else "write",
        ["write", "give_up", END],
    )
    return builder.compile(**options)


@pytest.mark.parametrize("drafts", [1, 3])
def test_conditional_edges_that_were_taken_are_drawn_stronger(drafts):
    view = GraphView(revising(drafts))
    assert not any(dashed(view).values())
    view.run({"log": []})
    assert dashed(view) == {
        ("review", "write"): drafts > 1,
        ("review", "give_up"): False,
        ("review", END): True,
    }
    view.reset()
    assert not any(dashed(view).values())


def test_an_interrupted_run_takes_no_edge_twice_or_too_early():
    graph = revising(2, lambda state: interrupt("go on?"), checkpointer=InMemorySaver())
    view = GraphView(graph)
    config = {"configurable": {"thread_id": "v"}}
    view.run({"log": []}, config)
    assert not any(dashed(view).values())
    view.run(Command(resume="yes"), config)
    assert [edge for edge, taken in dashed(view).items() if taken] == [("review", "write")]
    view.run(Command(resume="yes"), config)
    assert dashed(view)["review", END]
    assert not dashed(view)["review", "give_up"]


def test_edges_inside_a_graph_in_a_node_are_drawn_as_taken():
    builder = StateGraph(State)
    builder.add_node("desk", revising(2))
    builder.add_edge(START, "desk")
    builder.add_edge("desk", END)
    view = GraphView(builder.compile())
    view.run({"log": []})
    assert dashed(view) == {
        ("desk/review", "desk/write"): True,
        ("desk/review", "desk/give_up"): False,
        ("desk/review", f"desk/{END}"): True,
    }


def test_two_that_may_both_have_led_there_are_left_open():
    builder = StateGraph(State)
    for name in ("left", "right"):
        builder.add_node(name, node(name))
        builder.add_edge(START, name)
        builder.add_conditional_edges(name, lambda state: "last", ["last", END])
    builder.add_node("last", node("last"))
    builder.add_edge("last", END)
    view = GraphView(builder.compile())
    view.run({"log": []})
    assert not any(dashed(view).values())


@pytest.mark.parametrize(
    ("state", "count"), [("running", 2), ("running", 1234), ("paused", 1), ("failed", 1)]
)
def test_what_a_node_says_of_its_state_fits_its_box(state, count):
    drawing = lay_out(Level(["a"], []))
    drawn = ElementTree.fromstring(picture(drawing, {("a",): state}, {("a",): count}, "t"))
    said = [e for e in drawn.iter() if e.tag.endswith("text")][-1]
    size = float(said.attrib["font-size"])
    assert text_width(said.text, size, bold=True) <= drawing.boxes[0].width - 8 + 0.1
    assert size > 7


async def test_an_asynchronous_run():
    async def slow(state):
        return {"log": ["slow"]}

    builder = StateGraph(State)
    builder.add_node("slow", slow)
    builder.add_edge(START, "slow")
    builder.add_edge("slow", END)
    view = GraphView(builder.compile())
    assert await view.arun({"log": []}) == {"log": ["slow"]}
    assert view.states == {"slow": "done"}
    with pytest.raises(RuntimeError, match=r"await view\.arun"):
        view.run({"log": []})


def test_run_gives_what_invoke_gives():
    desk = Desk(REQUEST)
    view = GraphView(desk.graph)
    seen = view.run({}, desk.config)
    other = Desk(REQUEST)
    plain = other.graph.invoke({}, other.config)
    assert [i.value for i in seen["__interrupt__"]] == [i.value for i in plain["__interrupt__"]]
    assert seen.keys() == plain.keys()


def test_names_are_text_in_the_picture():
    builder = StateGraph(State)
    builder.add_node("<script>alert(1)</script>", node("x"))
    builder.add_edge(START, "<script>alert(1)</script>")
    view = GraphView(builder.compile(), title="<img src=x>")
    root = ElementTree.fromstring(view.svg)
    assert not [e for e in root.iter() if e.tag.endswith(("script", "img"))]


@pytest.mark.parametrize("many", [2, 12])
def test_a_stored_picture_is_no_wider_than_a_page(many):
    builder = StateGraph(State)
    for number in range(many):
        builder.add_node(f"a_rather_long_name_{number}", lambda state: state)
        builder.add_edge(START, f"a_rather_long_name_{number}")
    drawn = ElementTree.fromstring(GraphView(builder.compile(), direction="down").svg)
    _, _, wide, high = map(float, drawn.attrib["viewBox"].split())
    shown = float(drawn.attrib["width"])
    assert shown == min(wide, 760)
    assert float(drawn.attrib["height"]) == pytest.approx(high * shown / wide, abs=1)
    assert (many == 12) == (wide > 760)


def test_unattended_it_is_text_and_a_picture_not_a_widget():
    bundle = GraphView(team())._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/svg+xml"}
    assert bundle["text/plain"].splitlines()[1:] == [
        "  plan -> research",
        "  research -> write",
        "  research/search -> research/read",
        "  research/read -> research/end",
        "  write -> end",
    ]


def test_attended_it_is_a_widget(monkeypatch):
    monkeypatch.setenv("AGENT_PATTERNS_UNATTENDED", "0")
    bundle = GraphView(team())._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize(
    "text",
    ["FINISH", "continue", "needs work", "▶ running ×2", "transfer_to_billing", "0123456789"],
)
def test_a_text_is_no_wider_than_it_is_taken_for(text, bold):
    name = font_manager.FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    font = ft2font.FT2Font(font_manager.findfont(name))  # matplotlib's own, and among the widest
    font.set_size(100, 72)
    font.set_text(text)
    assert font.get_width_height()[0] / 64 <= text_width(text, 100, bold=bold)
