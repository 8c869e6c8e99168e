"""Whatever the schema, the brain's value is valid by it."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from practice_model.brain import respond

NAMES = st.sampled_from(
    ["name", "email", "age", "city", "tags", "when", "amount", "draft", "approved", "next", "a-b"]
)


def _strings() -> st.SearchStrategy:
    plain = st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={"minLength": st.integers(0, 30), "description": st.text(max_size=20)},
    )
    formats = ["email", "date", "date-time", "uri", "uuid", "time", "ipv4", "hostname"]
    formatted = st.sampled_from(formats).map(lambda f: {"type": "string", "format": f})
    patterns = [r"^[A-Z]{3}$", r"^\d{4}-\d{2}$", r"^(yes|no)$", r"[a-f0-9]{8}", r"^\w+@\w+\.com$"]
    shaped = st.sampled_from(patterns).map(lambda p: {"type": "string", "pattern": p})
    short = st.integers(0, 12).map(lambda n: {"type": "string", "maxLength": n})
    return st.one_of(plain, formatted, shaped, short)


def _numbers() -> st.SearchStrategy:
    def bounded(kind: str, low: int, width: int, exclusive: bool) -> dict:
        high = low + width
        if exclusive and width > 2:
            return {"type": kind, "exclusiveMinimum": low, "exclusiveMaximum": high}
        return {"type": kind, "minimum": low, "maximum": high}

    return st.builds(
        bounded,
        st.sampled_from(["integer", "number"]),
        st.integers(-50, 50),
        st.integers(0, 100),
        st.booleans(),
    )


LEAVES = st.one_of(
    _strings(),
    _numbers(),
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.lists(st.one_of(st.text(max_size=8), st.integers()), min_size=1, max_size=4, unique_by=repr)
    .map(lambda options: {"enum": options}),
    st.one_of(st.text(max_size=5), st.integers(), st.booleans()).map(lambda v: {"const": v}),
)  # fmt: skip


def _objects(inner: st.SearchStrategy) -> st.SearchStrategy:
    def made(properties: dict, needed: int, closed: bool) -> dict:
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties)[:needed],
            "additionalProperties": not closed,
        }

    properties = st.dictionaries(NAMES, inner, max_size=4)
    return st.builds(made, properties, st.integers(0, 4), st.booleans())


def _nested(inner: st.SearchStrategy) -> st.SearchStrategy:
    arrays = st.builds(
        lambda items, least, extra: {
            "type": "array", "items": items, "minItems": least, "maxItems": least + extra,
        },
        inner, st.integers(0, 3), st.integers(0, 3),
    )  # fmt: skip
    unions = st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options})
    nullable = inner.map(lambda schema: {"anyOf": [schema, {"type": "null"}]})
    return st.one_of(_objects(inner), arrays, unions, nullable)


SCHEMAS = st.recursive(LEAVES, _nested, max_leaves=8)
REQUESTS = st.sampled_from(
    [
        "Anna Berg, 34, lives in Lund; write to anna@example.com on 2026-05-02 about 3 pens.",
        "Review this draft: Bees make honey.",
        "",
        "Is it urgent? Everything is down!",
        "éà 你好 -12.5 'quoted' `code` https://example.com/x?y=1",
    ]
)


@settings(max_examples=150, deadline=None)
@given(_objects(SCHEMAS), REQUESTS)
def test_a_structured_answer_is_valid(schema: dict, request: str) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    reply = respond([{"role": "user", "content": request}], response_format=form)
    assert reply.content is not None
    Draft202012Validator(schema).validate(json.loads(reply.content))


@settings(max_examples=80, deadline=None)
@given(_objects(SCHEMAS), REQUESTS, st.sampled_from(["required", "forced"]))
def test_a_tool_call_is_valid(schema: dict, request: str, choice: str) -> None:
    tool = {"type": "function", "function": {"name": "note_it", "parameters": schema}}
    wanted = (
        "required"
        if choice == "required"
        else {"type": "function", "function": {"name": "note_it"}}
    )
    reply = respond([{"role": "user", "content": request}], tools=[tool], tool_choice=wanted)
    assert [call.name for call in reply.tool_calls] == ["note_it"]
    Draft202012Validator(schema).validate(reply.tool_calls[0].arguments)


def test_references_and_their_cycles_are_followed() -> None:
    schema = {
        "type": "object",
        "$defs": {
            "node": {
                "type": "object",
                "properties": {
                    "label": {"type": "string"},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                },
                "required": ["label", "children"],
            }
        },
        "properties": {"root": {"$ref": "#/$defs/node"}},
        "required": ["root"],
    }
    form = {"type": "json_schema", "json_schema": {"name": "tree", "schema": schema}}
    reply = respond([{"role": "user", "content": "A tree of pens"}], response_format=form)
    Draft202012Validator(schema).validate(json.loads(reply.content or ""))
