"""Whatever a graph puts into an interrupt, the panel shows it as text and can be pressed."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from langgraph.types import Interrupt
from tests.courseware.widgets.waiting_desk import Desk, buttons, controls, shown_html

from agent_patterns.approval.protocol import edit
from courseware.widgets import ApprovalPanel
from courseware.widgets._requests import read
from courseware.widgets._text import readable

OUR_TAGS = {
    "br", "code", "details", "div", "span", "strong", "style", "summary", "table", "tbody", "td",
    "th", "tr",
}  # fmt: skip


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def harmless(html: str) -> None:
    tags = Tags()
    tags.feed(html)
    assert tags.seen <= OUR_TAGS
    allowed = {"class", "role", "scope", "tabindex"}
    assert {a for a in tags.attributes if not a.startswith("aria-")} <= allowed


HTML = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><b>&amp;"

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.just(HTML),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
near_requests = st.fixed_dictionaries(
    {},
    optional={
        "action": st.text() | json_values,
        "args": st.dictionaries(st.text(), json_values, max_size=4) | json_values,
        "reason": json_values,
        "requested_by": json_values,
        "allow": st.lists(st.sampled_from(["approve", "edit", "reject", "respond", "x"]))
        | json_values,
        "args_schema": json_values,
        "type": st.just("tool_approval") | json_values,
        "name": st.text() | json_values,
        "action_requests": st.lists(
            st.fixed_dictionaries(
                {"name": st.text(), "args": st.dictionaries(st.text(), json_values, max_size=3)},
                optional={"description": json_values},
            ),
            max_size=3,
        )
        | json_values,
        "review_configs": json_values,
    },
)


@pytest.mark.slow
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(json_values, near_requests))
def test_any_payload_is_shown_as_text_and_can_be_decided(payload):
    desk = Desk(payload).start()
    panel = ApprovalPanel(desk.graph, desk.config)
    harmless(shown_html(panel.widget))
    json.dumps(panel.text(), ensure_ascii=False).encode("utf-8")
    shown_html(panel.widget).encode("utf-8")
    for name in ("Edit…", "Reject…", "Answer…"):
        for button in buttons(panel.widget, name):
            button.click()
            (*_, cancel) = buttons(panel.widget, "Cancel")
            cancel.click()
    for name in (
        "Approve",
        "Reject…",
        "Answer…",
        "Edit…",
        "Reject",
        "Send answer",
        "Approve with changes",
    ):
        for field in controls(panel.widget, "Your answer"):
            field.value = "yes"
        for button in buttons(panel.widget, name):
            button.click()
    asked = panel.cards[0].request.asks
    assert len(desk.acted) == all(ask.allowed for ask in asked)
    if not desk.acted:
        assert "Nothing can be decided here" in panel.text()


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(min_size=1), json_values, min_size=1, max_size=4))
def test_unchanged_edits_give_back_the_same_arguments(args):
    desk = Desk({"action": "do", "args": args, "allow": ["edit", "reject"]}).start()
    panel = ApprovalPanel(desk.graph, desk.config)
    asked = panel.waiting[0].request.asks[0].args
    assert panel.fill_and_press(panel.waiting[0], edit("do", dict(asked)))
    sent = desk.acted[0]["edited_action"]["args"]
    assert {k: _clean(v) for k, v in sent.items()} == {k: _clean(v) for k, v in asked.items()}


def _clean(value):
    """What a browser's text field changes: line ends, and what no UTF-8 text can hold."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return re.sub("[\ud800-\udfff]", "?", text)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(), json_values, max_size=5))
def test_any_response_schema_can_be_read(schema):
    request = read(Interrupt("Question?", id="x" * 32, response_schema=schema))
    assert request.asks


class Rude:
    def __repr__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "value",
    [Rude(), [Rude()], {1: {2, 3}}, b"\xff", object(), float("nan"), "\ud800", AIMessage("x")],
)
def test_readable_never_raises_and_names_no_address(value):
    assert "0x" not in readable(value)
    readable(value).encode("utf-8")


def test_hidden_characters_are_spelt_out():
    assert readable("pay\u202e001\u200b\x00") == "pay[U+202E]001[U+200B][U+0000]"


def test_a_long_text_is_cut_and_counted():
    assert readable("x" * 30_000).endswith("… (10,000 more characters)")
