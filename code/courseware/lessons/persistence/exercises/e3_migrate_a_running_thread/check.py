"""Check: Migrate a running thread."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import InvalidUpdateError

from courseware.exercises import Wrong, chance, expect, expecting
from courseware.lessons.persistence.exercises.common import thread
from courseware.lessons.persistence.releases import NEW, OLD, new_release, old_release


def check(migrate: Callable[..., Any]) -> None:
    """Stop an order of the old release in every place, migrate it, and let the new one finish."""
    draw = chance()
    places: list[str | None] = [*OLD[1:], OLD[0], None]
    for stop in places:
        price, pieces = draw.randrange(120, 990), draw.randint(2, 7)
        _check_one(migrate, stop, price, pieces, f"MF-{draw.randrange(1100, 9900)}")


def _check_one(
    migrate: Callable[..., Any], stop: str | None, price: int, pieces: int, name: str
) -> None:
    saver, config, ran = InMemorySaver(), thread(name), list[str]()
    order = {"lines": {"ink": pieces}, "done": []}
    with contextlib.suppress(ConnectionError):
        begun = old_release(saver, stop_at=stop, price=price)
        begun.invoke(order, config, durability="sync")
    where = f"{name} waited before {stop!r}" if stop else f"{name} was finished"
    done = OLD[: OLD.index(stop)] if stop else OLD
    old = old_release(saver, step=ran.append, price=price)
    new = new_release(saver, step=ran.append, price=price)
    try:
        with expecting(
            f"a thread that {'waits before ' + repr(stop) if stop else 'is finished'} to be ready"
            " for the new release. Each graph shows only its own keys, and only those written yet."
        ):
            migrate(old, new, config)
    except InvalidUpdateError as error:
        raise Wrong(
            "names-no-node",
            f"{where}, and `update_state` refused: {error}. `as_node` is the last node that ran,"
            " by its name in the graph that writes.",
        ) from error
    expect(
        not ran,
        "runs-an-order",
        f"{where}, and `migrate` ran {ran}. `update_state` writes without running any node.",
    )
    left = NEW[len(done) :]
    values = _finished(new, config, where)
    repeated = [each for each in ran if each not in left]
    expect(
        not repeated,
        "starts-over",
        f"{where}, and under the new release {repeated} ran again. `as_node` decides which node is"
        " due: the one after it.",
    )
    expect(
        tuple(ran) == left,
        "forgets-the-order",
        f"{where}, so {list(left)} had still to run under the new release, and {ran} did."
        " A node that was renamed is due only if you write as the node before it.",
    )
    expected = {"cents": price * pieces, "currency": "EUR"}
    expect(
        values.get("amount") == expected,
        "loses-the-amount",
        f"{where}, with a total of {price * pieces}, and `amount` is {values.get('amount')} instead"
        f" of {expected}. The new graph doesn't show `total`; the old one does.",
    )
    expect(
        values.get("done") == [*done, *left],
        "repeats-a-reducer",
        f"{where}, and `done` ended as {values.get('done')} instead of {[*done, *left]}. It has a"
        " reducer: whatever you write is appended. Write the amount alone.",
    )


def _finished(new: Any, config: Any, where: str) -> Any:
    """Return the values after the new release has run on."""
    try:
        return new.invoke(None, config)
    except KeyError as error:
        raise Wrong(
            "loses-the-amount",
            f"{where}. The new release continued, and {error} was missing in `take_payment`."
            " The old graph still shows `total`.",
        ) from error
