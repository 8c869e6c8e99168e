"""Quantities told in one unit and wanted in another, and units that are arguments themselves."""

import pytest
from tests.brain.heldout.case import many, number, record, text, tool, whole

from practice_model.brain import durations, measures, respond
from practice_model.brain.parameters import leaves


def only(request: str, *tools: dict) -> dict:
    made = respond([{"role": "user", "content": request}], tools=list(tools)).tool_calls
    assert len(made) == 1, made
    return made[0].arguments


def parameter(**fields: dict):
    return leaves(record(**fields))[0]


CACHE = tool(
    "set_cache",
    "Set how long a page is cached.",
    page=text("Path of the page"),
    seconds=whole("Lifetime in seconds"),
)


@pytest.mark.parametrize(
    ("said", "seconds"), [("five minutes", 300), ("an hour and a half", 5400), ("90 seconds", 90)]
)
def test_seconds_are_a_unit_of_time(said: str, seconds: int) -> None:
    assert only(f"Cache /home for {said}", CACHE) == {"page": "/home", "seconds": seconds}


def test_a_second_number_is_no_span_of_time() -> None:
    second = parameter(second_number=number("Second number"))
    assert durations.wanted_unit(second) is None


def test_a_span_may_be_wanted_in_milliseconds() -> None:
    idle = tool("set_idle", "Set the idle time of a pool", pool=text(), idle_ms=whole())
    assert only("Set the idle time of orders-pool to 2 seconds", idle) == {
        "pool": "orders-pool",
        "idle_ms": 2000,
    }


@pytest.mark.parametrize(
    ("said", "minutes"),
    [("the last hour", 60), ("the past half-hour", 30), ("the last half hour", 30)],
)
def test_an_hour_needs_no_article_behind_last_and_half(said: str, minutes: int) -> None:
    assert [span.seconds for span in durations.read(f"the visits of {said}")] == [minutes * 60]


@pytest.mark.parametrize(
    ("wanted", "said", "value"),
    [
        ({"weight_kg": number()}, "a parcel of 750 g", 0.75),
        ({"load": number("Load in kilograms")}, "a load of 1.2 tonnes", 1200),
        ({"distance_km": number()}, "800 m along the quay", 0.8),
        ({"distance_km": number()}, "5 miles along the quay", 8.0467),
        ({"volume_ml": whole()}, "1.5 litres of stock", 1500),
    ],
)
def test_a_quantity_comes_in_the_unit_that_the_parameter_names(
    wanted: dict, said: str, value: float
) -> None:
    assert [q.value for q in measures.converted(said, parameter(**wanted))] == [value]


def test_a_quantity_in_the_wanted_unit_or_in_none_stays_as_it_is() -> None:
    parcel = tool("post_parcel", "Post a parcel", weight_kg=number(), city=text("City"))
    assert only("Post a 2.5 kg parcel to Oslo", parcel)["weight_kg"] == 2.5
    assert measures.converted("row 12 m", parameter(row=whole("Row"))) == []


def test_a_record_takes_the_unit_as_it_was_said() -> None:
    fields = {"material": text(), "quantity": number(), "unit": text("e.g. bags")}
    site = tool("order_materials", "Order materials", materials=many(record("", **fields)))
    asked = "Order 12 bags of cement, 3.5 kg of putty and 20 m of pipe"
    assert only(asked, site)["materials"] == [
        {"material": "cement", "quantity": 12, "unit": "bags"},
        {"material": "putty", "quantity": 3.5, "unit": "kg"},
        {"material": "pipe", "quantity": 20, "unit": "m"},
    ]


def test_the_price_of_several_things_is_the_price_of_the_things() -> None:
    price = tool("get_price", "Get the price of a fabric", fabric=text(), metres_=whole())
    asked = {
        "How much do three metres of linen cost?": {"fabric": "linen", "metres": 3},
        "How much is velvet?": {"fabric": "velvet"},
    }
    assert {request: only(request, price) for request in asked} == asked
