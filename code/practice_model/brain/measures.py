"""Weights, lengths and volumes, and the same in the unit that a parameter names."""

from __future__ import annotations

import re
from typing import NamedTuple

from practice_model.brain.parameters import Parameter
from practice_model.brain.words import name_parts

_KINDS = (
    {
        "mg": 1e-6, "milligram": 1e-6, "g": 1e-3, "gram": 1e-3, "gramme": 1e-3, "kg": 1.0,
        "kilo": 1.0, "kilogram": 1.0, "tonne": 1e3, "lb": 0.45359237, "pound": 0.45359237,
        "oz": 0.028349523, "ounce": 0.028349523,
    },
    {
        "mm": 1e-3, "millimetre": 1e-3, "cm": 1e-2, "centimetre": 1e-2, "m": 1.0, "metre": 1.0,
        "km": 1e3, "kilometre": 1e3, "mile": 1609.344, "ft": 0.3048, "foot": 0.3048,
        "feet": 0.3048, "inch": 0.0254, "inches": 0.0254,
    },
    {
        "ml": 1e-3, "millilitre": 1e-3, "cl": 1e-2, "centilitre": 1e-2, "l": 1.0, "litre": 1.0,
    },
)  # fmt: skip
_SIZES = {
    spelt: (kind, size)
    for kind, units in enumerate(_KINDS)
    for unit, size in units.items()
    for word in {unit, re.sub(r"(met|lit)re$", r"\1er", unit)}
    for spelt in (word, f"{word}s")
}
_UNIT = "|".join(sorted(_SIZES, key=len, reverse=True))
_QUANTITY = re.compile(rf"(?<![\w.,])(\d+(?:,\d{{3}})*(?:\.\d+)?)[ -]?({_UNIT})\b")


class Quantity(NamedTuple):
    """A quantity in the wanted unit, and where it is told."""

    value: float | int
    start: int
    end: int


def wanted(parameter: Parameter) -> tuple[int, float] | None:
    """The kind and size of the one unit that a number is wanted in, by its name or description."""
    if parameter.kind not in ("integer", "number"):
        return None
    told = re.findall(r"[a-z]+", str(parameter.schema.get("description") or "").lower())
    for words in (name_parts(parameter.name), told):
        units = {_SIZES[word] for word in words if word in _SIZES}
        if len(units) == 1:
            return units.pop()
    return None


def converted(text: str, parameter: Parameter) -> list[Quantity]:
    """What a text tells in another unit of the kind that a parameter wants: 400 g as 0.4 kg."""
    unit = wanted(parameter)
    if unit is None:
        return []
    kind, size = unit
    found = []
    for match in _QUANTITY.finditer(text):
        its_kind, its_size = _SIZES[match[2]]
        if its_kind == kind and its_size != size:
            value = round(float(match[1].replace(",", "")) * its_size / size, 4)
            whole = int(value) if value == int(value) else value
            found.append(Quantity(whole, match.start(), match.end()))
    return found
