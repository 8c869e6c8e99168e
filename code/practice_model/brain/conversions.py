"""Conversions of units: the quantity, what it is in, and what it is wanted in."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

from practice_model.brain import entities
from practice_model.brain.parameters import Parameter
from practice_model.brain.words import STOP, stem

_UNIT = r"(?:(?:fluid|square|cubic|nautical|metric|us|imperial|degrees?) )?[^\W\d_]+(?:/[a-z]+)?"
_NUMBER = r"-?\d[\d.,]*(?<=\d)|" + "|".join(sorted(entities.NUMBER_WORDS, key=len)[::-1])
_AMOUNT = rf"(?P<amount>{_NUMBER})[ -]?(?:°|degrees? )?(?P<source>{_UNIT})"
_ONE = rf"(?P<amount>{_NUMBER}|half an?|an?)[ -]?(?:°|degrees? )?(?P<source>{_UNIT})"
_SHAPES = (
    re.compile(
        rf"\bhow (?:many|much) (?P<target>{_UNIT})\s+(?:is|are|do|does|make|makes|equals?|go|goes|"
        rf"would|will|can|fit|there)\b[^\d]{{0,40}}?\b{_ONE}\b",
        re.I,
    ),
    re.compile(
        rf"\bhow (?:many|much) (?:is|are) {_AMOUNT}\s+(?:in|to|into|as)\s+(?P<target>{_UNIT})",
        re.I,
    ),
    re.compile(
        rf"(?<![\w.]){_AMOUNT}\s+(?:in|to|into|as|expressed in|equals? how many|is how many|"
        rf"are how many)\s+(?P<target>{_UNIT})",
        re.I,
    ),
)
_KNOWN_WORDS = """
mm cm dm m km in inch inches ft foot feet yd yard yards mile miles mi league furlong fathom
millimetre millimeter centimetre centimeter metre meter kilometre kilometer metres meters
mg g kg gram gramme kilo kilogram kilogramme milligram ton tonne ounce oz pound lb lbs stone carat
ml cl dl l litre liter millilitre milliliter gallon pint quart cup tablespoon tbsp teaspoon tsp
celsius fahrenheit kelvin c f k degree second minute hour day week month year
byte bit kilobyte megabyte gigabyte terabyte kb mb gb tb joule kilojoule calorie kcal kwh watt
kilowatt horsepower psi bar pascal atmosphere acre hectare knot mph kmh radian volt amp
"""
_KNOWN = frozenset(map(stem, _KNOWN_WORDS.split())) | {"feet", "foot"}
_CONVERTING = frozenset(map(stem, ("convert", "converter", "conversion", "units")))


class Conversion(NamedTuple):
    """A quantity with the place of its number, its unit's and the wanted unit's."""

    amount: float
    source: str
    target: str
    spans: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]


@lru_cache(maxsize=512)
def read(text: str) -> Conversion | None:
    """The conversion that a text asks for: "how many cups are 3 litres", "12 feet in metres"."""
    for shape in _SHAPES:
        for found in shape.finditer(text):
            said = found["amount"].lower()
            amount = entities.numeric(said)
            if amount is None:
                amount = 0.5 if said.startswith("half") else 1
            units = [re.sub(r"^degrees? ", "", found[name]) for name in ("source", "target")]
            if any(stem(unit) in STOP or unit.lower() in STOP for unit in units):
                continue
            if not any(stem(unit.split()[-1]) in _KNOWN for unit in units) or (
                not said[-1].isdigit() and stem(units[0].split()[-1]) not in _KNOWN
            ):
                continue
            if units[0].lower() == units[1].lower():
                continue
            spans = (found.span("amount"), found.span("source"), found.span("target"))
            return Conversion(amount, units[0], units[1], spans)
    return None


def takes_units(parameters: Sequence[Parameter], words: Collection[str]) -> bool:
    """Whether parameters take a number and two units, and the words speak of converting."""
    return unit_parameters(parameters) is not None and bool(_CONVERTING & set(words))


def unit_parameters(
    parameters: Sequence[Parameter],
) -> tuple[Parameter, Parameter, Parameter] | None:
    """The parameters for the number, its unit and the wanted unit, where there are such."""
    numbers = [p for p in parameters if p.kind in ("number", "integer")]
    strings = [
        p for p in parameters
        if p.kind == "string" and p.direction and p.role not in ("currency", "language")
    ]  # fmt: skip
    others = [
        p for p in parameters
        if p.kind == "string" and not p.direction and {"unit"} & (p.cues | p.hints)
    ]  # fmt: skip
    source = next((p for p in strings if p.direction == "from"), None)
    target = next((p for p in strings if p.direction == "to"), None)
    if (source is None) != (target is None) and len(others) == 1:
        source, target = source or others[0], target or others[0]
    if len(numbers) != 1 or source is None or target is None:
        return None
    return numbers[0], source, target
