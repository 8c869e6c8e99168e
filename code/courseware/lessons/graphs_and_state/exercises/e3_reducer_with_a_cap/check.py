"""Check: A reducer with a cap."""

from collections.abc import Callable
from typing import Any

from courseware.exercises import chance, expect, expecting


def check(last_three: Callable[[Any, Any], Any]) -> None:
    """Try the reducer on lists drawn at random, beside what the words ask for."""
    draw = chance()
    pool = draw.sample(
        ["pen", "ink", "A5", "A4", "desk pad", "gift card", "eraser", "ruler", "clip", "stamp"], 5
    )

    def some() -> list[str]:
        return [draw.choice(pool) for _ in range(draw.randint(0, 5))]

    for _ in range(60):
        old, new = _recent(some()), some()
        before = (list(old), list(new))
        with expecting(f"last_three({old}, {new}) returns a list of three items at most."):
            found = last_three(old, new)
        said = f"last_three({before[0]}, {before[1]}) returned {found!r}."
        expect(found is not None, "returns-nothing", f"{said} A reducer returns the new value.")
        found = list(found)
        expect(
            (old, new) == before,
            "changes-its-arguments",
            f"The call last_three({before[0]}, {before[1]}) changed its arguments. The old value"
            " may also lie in a checkpoint: build a new list.",
        )
        expect(
            len(set(found)) == len(found),
            "keeps-duplicates",
            f"{said} An item is in it twice. Each item counts once.",
        )
        expect(
            len(found) <= 3, "no-cap", f"{said} That is more than three items: cut off the oldest."
        )
        wanted = _recent([*before[0], *before[1]])
        expect(
            set(found) == set(wanted),
            "drops-the-wrong-ones",
            f"{said} The three most recent items are {wanted}: the last ones to appear, where a"
            " repeated item counts from its last appearance.",
        )
    for _ in range(60):
        old, new = _recent(some()), some()
        found, wanted = list(last_three(list(old), list(new))), _recent([*old, *new])
        expect(
            found == wanted,
            "wrong-order",
            f"last_three({old}, {new}) returned {found}. The newest comes last: {wanted}. An item"
            " that appears again moves to the end.",
        )
    for _ in range(40):
        a, b, c = some(), some(), some()
        with expecting("The key starts as [], and what you return is the next old value."):
            left = list(last_three(last_three(last_three([], a), b), c))
            right = list(last_three(last_three([], a), last_three(last_three([], b), c)))
        expect(
            left == right,
            "not-associative",
            f"With a = {a}, b = {b}, c = {c}, merging (a + b) + c gives {left}, and a + (b + c)"
            f" gives {right}. A subgraph that merges b and c beforehand would change the result.",
        )


def _recent(items: list[str]) -> list[str]:
    last = sorted(set(items), key=lambda item: len(items) - items[::-1].index(item))
    return last[-3:]
