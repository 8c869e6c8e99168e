"""What a call through our breaker and our policy costs beside the libraries one would use.

Each figure is the time of one call of a function that does nothing, through ours, divided by the
same through the fastest library, all in one process, in turn.  Below 1, ours is faster.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiobreaker
import circuitbreaker  # type: ignore[import-untyped]
import purgatory
import pybreaker
import tenacity

from agent_patterns.resilience import CircuitBreaker, FailureRate, Link, Policy, Retry
from benchmarks import Measurement, interleaved

OURS = "ours"
WITH_ALL = "whole policy with deadline and fallback"


def run(quick: bool) -> list[Measurement]:
    """Measures closed and open breakers and the whole policy, sync and async."""
    rounds, calls = (5, 300) if quick else (25, 3000)
    loop = asyncio.new_event_loop()
    try:
        sync_closed = interleaved(_sync(opened=False), rounds=rounds, calls=calls)
        sync_open = interleaved(_sync(opened=True), rounds=rounds, calls=calls)
        async_closed = _timed_async(loop, loop.run_until_complete(_async(False)), rounds, calls)
        async_open = _timed_async(loop, loop.run_until_complete(_async(True)), rounds, calls)
        policy = interleaved(_policies(), rounds=rounds, calls=calls)
        async_policy = _timed_async(loop, _async_policies(), rounds, calls)
    finally:
        loop.close()
    return [
        _against_fastest("breaker, closed, sync", sync_closed),
        _against_fastest("breaker, open, sync", sync_open),
        _against_fastest("breaker, closed, async", async_closed),
        _against_fastest("breaker, open, async", async_open),
        _against_fastest("breaker with a rate window, closed, sync", sync_closed, "with rate"),
        _against_fastest("whole policy, sync", policy),
        _against_fastest("whole policy with deadline and fallback, sync", policy, "with all"),
        _against_fastest("whole policy, async", async_policy),
        _against_fastest(
            "whole policy with deadline and fallback, async", async_policy, "with all"
        ),
    ]


def _against_fastest(name: str, times: Mapping[str, float], ours: str = OURS) -> Measurement:
    others = {
        other: seconds
        for other, seconds in times.items()
        if other not in (OURS, "with rate", "with all")
    }
    fastest = min(others, key=lambda other: others[other])
    listed = ", ".join(f"{other} {times[ours] / seconds:.2f}" for other, seconds in others.items())
    note = f"ours / each: {listed}"
    if ours == "with rate":
        note += " (which have no such window)"
    return Measurement(name, times[ours] / others[fastest], note=note)


def _service() -> int:
    return 1


async def _aservice() -> int:
    return 1


def _failing() -> int:
    raise ConnectionError


async def _afailing() -> int:
    raise ConnectionError


def _swallowing(call: Callable[[], object]) -> Callable[[], object]:
    def quiet() -> object:
        try:
            return call()
        except Exception:  # a refusal, which is what is measured
            return None

    return quiet


def _sync(*, opened: bool) -> dict[str, Callable[[], object]]:
    """Every library in the way that costs it least."""
    ours, rated = CircuitBreaker(), CircuitBreaker(rate=FailureRate(0.5))
    py, aio = pybreaker.CircuitBreaker(), aiobreaker.CircuitBreaker()
    fabfuel = circuitbreaker.CircuitBreaker()
    purge = purgatory.SyncCircuitBreakerFactory().get_breaker("bench")

    def in_purgatory(service: Callable[[], int] = _service) -> int:
        with purge:
            return service()

    if opened:
        ours.trip("bench")
        rated.trip("bench")
        py.open()
        aio.open()
        for _ in range(6):
            _swallowing(fabfuel(_failing))()
            _swallowing(lambda: in_purgatory(_failing))()
    variants: dict[str, Callable[[], object]] = {
        OURS: ours(_service),
        "pybreaker": py(_service),
        "aiobreaker": aio(_service),
        "purgatory": in_purgatory,
        "circuitbreaker": fabfuel(_service),
        "with rate": rated(_service),
    }
    if not opened:
        return variants
    return {name: _swallowing(call) for name, call in variants.items()}


async def _async(opened: bool) -> dict[str, Callable[[], Awaitable[object]]]:
    ours, aio = CircuitBreaker(), aiobreaker.CircuitBreaker()
    fabfuel = circuitbreaker.CircuitBreaker()
    purge = await purgatory.AsyncCircuitBreakerFactory().get_breaker("bench")

    async def in_purgatory(service: Callable[[], Awaitable[int]] = _aservice) -> int:
        async with purge:
            return await service()

    variants: dict[str, Callable[[], Awaitable[object]]] = {
        OURS: ours(_aservice),
        "aiobreaker": aio(_aservice),
        "purgatory": in_purgatory,
        "circuitbreaker": fabfuel(_aservice),
    }
    if not opened:
        return variants
    ours.trip("bench")
    aio.open()
    for _ in range(6):
        await _aswallowing(fabfuel(_afailing))()
        await _aswallowing(lambda: in_purgatory(_afailing))()
    return {name: _aswallowing(call) for name, call in variants.items()}


def _aswallowing(call: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[object]]:
    async def quiet() -> object:
        try:
            return await call()
        except Exception:  # a refusal, which is what is measured
            return None

    return quiet


def _policies() -> dict[str, Callable[[], object]]:
    policy = Policy(retry=Retry(3), breaker=CircuitBreaker())
    everything = Policy(
        retry=Retry(3), breaker=CircuitBreaker(), deadline=20, fallbacks=[Link("other", _service)]
    )
    retrying = tenacity.Retrying(stop=tenacity.stop_after_attempt(3))
    return {
        OURS: policy(_service),
        "with all": everything(_service),
        "tenacity, decorator": tenacity.retry(stop=tenacity.stop_after_attempt(3))(_service),
        "tenacity, object": lambda: retrying(_service),
    }


def _async_policies() -> dict[str, Callable[[], Awaitable[object]]]:
    policy = Policy(retry=Retry(3), breaker=CircuitBreaker())
    everything = Policy(
        retry=Retry(3), breaker=CircuitBreaker(), deadline=20, fallbacks=[Link("other", _aservice)]
    )
    retrying = tenacity.AsyncRetrying(stop=tenacity.stop_after_attempt(3))
    return {
        OURS: policy(_aservice),
        "with all": everything(_aservice),
        "tenacity, decorator": tenacity.retry(stop=tenacity.stop_after_attempt(3))(_aservice),
        "tenacity, object": lambda: retrying(_aservice),
    }


def _timed_async(
    loop: asyncio.AbstractEventLoop,
    variants: Mapping[str, Callable[[], Awaitable[Any]]],
    rounds: int,
    calls: int,
) -> dict[str, float]:
    """Seconds a call, the loop's own start spread over all calls of a round."""

    async def repeat(call: Callable[[], Awaitable[Any]]) -> None:
        for _ in range(calls):
            await call()

    def once(call: Callable[[], Awaitable[Any]]) -> Callable[[], object]:
        return lambda: loop.run_until_complete(repeat(call))

    times = interleaved({name: once(call) for name, call in variants.items()}, rounds=rounds)
    return {name: seconds / calls for name, seconds in times.items()}
