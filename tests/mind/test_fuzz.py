"""Dates, ranges, numbers of phones and prices: nothing is worked out that nobody asked for."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice_model.mind import SchemaTooLarge, respond
from practice_model.mind.reading import passage

AMOUNTS = st.integers(1, 99)
TOLD = st.one_of(
    st.builds(lambda a, b: f"Delivery takes {a}-{a + b} days.", AMOUNTS, AMOUNTS),
    st.builds(lambda a, b: f"We are open {a % 12 + 1}-{b % 12 + 12}.", AMOUNTS, AMOUNTS),
    st.builds(lambda a, b: f"Call {a:02d}5-{b:02d}01.", AMOUNTS, AMOUNTS),
    st.builds(
        lambda a, b: f"It costs {a},{b:02d} EUR, formerly {b}.{a:02d} EUR.", AMOUNTS, AMOUNTS
    ),
    st.builds(lambda a, b: f"We meet on 2027-{a % 12 + 1:02d}-{b % 28 + 1:02d}.", AMOUNTS, AMOUNTS),
    st.builds(lambda a, b: f"Size {a} x {b} cm, order {a}/{b}.", AMOUNTS, AMOUNTS),
)
ASKED = st.sampled_from(
    [
        "Tell her that {0}",
        "{0}",
        "Note: {0}",
        "Is that right? {0}",
        "Write Anna a short message: {0}",
        "{0} What do you think?",
    ]
)
CALCULATOR = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": about,
            "parameters": {
                "type": "object",
                "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
                "required": ["a", "b"],
            },
        },
    }
    for name, about in (
        ("add", "Add a and b."),
        ("subtract", "Subtract b from a."),
        ("multiply", "Multiply a and b."),
        ("divide", "Divide a by b."),
    )
]


@settings(max_examples=120, deadline=None)
@given(TOLD, ASKED)
def test_no_result_is_computed_unasked(told: str, asked: str) -> None:
    text = asked.format(told)
    reply = respond([{"role": "user", "content": text}])
    given_numbers = set(re.findall(r"\d+", text))
    said = set(re.findall(r"\d+", reply.content or ""))
    assert said <= given_numbers | {"1", "2", "3"}, reply.content
    reply = respond([{"role": "user", "content": text}], tools=CALCULATOR)
    assert not [call for call in reply.tool_calls if "x" not in text and "/" not in text]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_and_answered(text: str) -> None:
    for span in passage(text).spans:
        assert 0 <= span.start < span.end <= len(text)
    assert respond([{"role": "user", "content": text}]).content


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("45,50 EUR", "money", 45.5),
        ("minus 5 euros", "money", -5),
        ("two dozen eggs", "number", 24),
        ("1.234,56 EUR", "money", 1234.56),
        ("1,200 USD", "money", 1200),
        ("3-5 days", "range", (3, 5)),
        ("half past seven", "time", "07:30"),
        ("7 pm", "time", "19:00"),
        ("1.5 kg", "quantity", 1.5),
        ("14.05.2027", "date", "2027-05-14"),
        ("July 1, 2027", "date", "2027-07-01"),
        ("an hour and a half", "duration", 5400),
        ("'the bridge's closed'", "quote", "the bridge's closed"),
        ("clara@weiss.example", "email", "clara@weiss.example"),
        ("MF-1042", "id", "MF-1042"),
        ("+43 660 1234567", "phone", "+43 660 1234567"),
        ("two hundred and fifty", "number", 250),
    ],
)
def test_a_span_has_its_kind_and_value(text: str, kind: str, value: object) -> None:
    spans = [s for s in passage(f"It says {text} there.").spans if s.kind == kind]
    assert [s.value for s in spans] == [value]


def test_a_correction_wins() -> None:
    spans = passage("I paid 12.90, no wait, 14.90, on Friday, sorry, Thursday.").spans
    valid = [s.value for s in spans if s.kind in ("number", "date") and not s.corrected]
    assert valid == [14.9, "Thursday"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 10**9},
        {"type": "array", "minItems": 10**6, "items": {"type": "string"}},
        {
            "type": "array",
            "minItems": 100,
            "items": {"type": "array", "minItems": 100, "items": {"type": "integer"}},
        },
    ],
)
def test_a_greedy_schema_is_refused(schema: dict) -> None:
    wrapped = {"type": "object", "properties": {"x": schema}, "required": ["x"]}
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": wrapped}}
    with pytest.raises(SchemaTooLarge):
        respond([{"role": "user", "content": "Fill it."}], response_format=form)
