"""Put any breaker for asyncio into the situations in which breakers differ."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiobreaker
import circuitbreaker
import purgatory

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


async def three_situations(desk: Desk, clock: FakeClock, make: Callable[[], Any]) -> None:
    """Print how a new breaker does in each situation."""
    for told, services in (
        ("3 failures in 303 calls:", 3 * [*100 * [well], unwell]),
        ("3 broken forms:         ", 3 * [broken_form]),
    ):
        breaker = make()
        await tell(_call_of(breaker), *services)
        print(told, getattr(breaker.state, "value", breaker.state))
    call = _call_of(make())
    await tell(call, *3 * [unwell])
    clock.now += 31
    print("half-open:              ", await crowd(desk, call))


def _call_of(breaker: Any) -> Call:
    call: Call = getattr(breaker, "acall", None) or breaker.call
    return call


async def library_breakers() -> dict[str, Call]:
    """Return three libraries' breakers: open after 3 failures, for 20 milliseconds."""
    aio = aiobreaker.CircuitBreaker(fail_max=3, timeout_duration=timedelta(milliseconds=20))
    purge = await purgatory.AsyncCircuitBreakerFactory(3, default_ttl=0.02).get_breaker("chat")
    smallest = circuitbreaker.CircuitBreaker(failure_threshold=3, recovery_timeout=0.02)

    async def in_purgatory(service: Service) -> Any:
        async with purge:
            return await service()

    async def in_smallest(service: Service) -> Any:
        return await smallest(service)()

    return {
        "aiobreaker": aio.call_async,
        "purgatory": in_purgatory,
        "circuitbreaker": in_smallest,
    }
