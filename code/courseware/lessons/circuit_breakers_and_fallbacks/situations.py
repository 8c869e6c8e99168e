"""Put any breaker for asyncio into the situations in which breakers differ."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from agent_patterns.testing import FakeClock
from courseware.lessons.circuit_breakers_and_fallbacks.desk import Desk
from practice_model import Fault

Service = Callable[[], Awaitable[Any]]
Call = Callable[[Service], Awaitable[Any]]


async def well() -> str:
    """Answer."""
    return "fine"


async def unwell() -> str:
    """Fail as a service that is down."""
    raise ConnectionError("the service hung up")


async def broken_form() -> int:
    """Fail by a mistake of the caller."""
    return int("two pieces")


async def tell(call: Call, *services: Service) -> None:
    """Send one call after the other through a breaker."""
    for service in services:
        await asyncio.gather(call(service), return_exceptions=True)


async def crowd(desk: Desk, call: Call) -> str:
    """Send twenty customers at once to a model that fails; say how many reached the server."""
    before = len(desk.server.requests)
    with desk.server.inject(Fault.server_error(), rate=1.0):
        customers = [call(lambda: desk.ask_async("Hello?")) for _ in range(20)]
        await asyncio.gather(*customers, return_exceptions=True)
    return f"{len(desk.server.requests) - before} of 20 reached the server"


async def three_situations(
    desk: Desk, clock: FakeClock, make: Callable[[], tuple[Call, Callable[[], str]]]
) -> None:
    """Print how a breaker does; `make()` returns its call and a function that tells its state."""
    call, state = make()
    await tell(call, *3 * [*100 * [well], unwell])
    print("3 failures in 303 calls:", state())
    call, state = make()
    await tell(call, *3 * [broken_form])
    print("3 broken forms:         ", state())
    call, state = make()
    await tell(call, *3 * [unwell])
    clock.now += 31
    print("half-open:              ", await crowd(desk, call))
