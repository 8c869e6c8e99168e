"""Approve once, then deliver: retries that never ask again and never do it twice."""

from __future__ import annotations

from typing import Any

from tenacity import (
    AsyncRetrying,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from agent_patterns.approval.ledger import AsyncEffect, Effect, ExecutionLedger
from agent_patterns.approval.protocol import Action

TRANSIENT: tuple[type[BaseException], ...] = (ConnectionError, TimeoutError)
"""Failures that may be gone in a second: the receiver was not reached, or did not answer."""


def default_retrying() -> Retrying:
    """Five attempts on `TRANSIENT` failures, with exponential waits and jitter of up to 30 s."""
    return Retrying(
        retry=retry_if_exception_type(TRANSIENT),
        wait=wait_exponential_jitter(multiplier=0.5, max=30),
        stop=stop_after_attempt(5),
        reraise=True,
    )


def deliver(
    ledger: ExecutionLedger,
    key: str,
    action: Action,
    effect: Effect,
    *,
    retrying: Retrying | None = None,
) -> Any:
    """Execute an approved action, trying again while the failure may be transient.

    The approval stays valid through all attempts and through a restart; every attempt carries the
    same idempotency key (the approval's), so a receiver that honours it acts once even if only
    its answer was lost.

    Args:
        ledger: Where the approval is recorded.
        key: Its key.
        action: What is to be done; it must be what was approved.
        effect: Does it; its receiver must honour the idempotency key.
        retrying: When to try again, how often, and how long to wait in between.

    Raises:
        ApprovalError: As `ExecutionLedger.execute`; the last failure when all attempts are used
            up.  The approval is still there then: call again later.
    """
    attempts = retrying if retrying is not None else default_retrying()
    return attempts(ledger.execute, key, action, effect, repeatable=True)


async def adeliver(
    ledger: ExecutionLedger,
    key: str,
    action: Action,
    effect: AsyncEffect,
    *,
    retrying: AsyncRetrying | None = None,
) -> Any:
    """`deliver` for an effect that is a coroutine function; waits without blocking the loop."""
    if retrying is None:
        policy = default_retrying()
        retrying = AsyncRetrying(
            retry=policy.retry, wait=policy.wait, stop=policy.stop, reraise=True
        )
    return await retrying(ledger.aexecute, key, action, effect, repeatable=True)
