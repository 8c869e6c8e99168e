"""The log of approved actions: nothing happens under their keys that nobody approved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tenacity import (
    AsyncRetrying,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from agent_patterns.approval.arguments import ArgumentModels, check_model
from agent_patterns.approval.errors import ArgumentsChanged, InvalidRequest, NotApproved
from agent_patterns.approval.protocol import Action
from agent_patterns.durable.database import Database, Session
from agent_patterns.durable.effects import AsyncHandler, Effect, EffectLog, Handler
from agent_patterns.durable.errors import EffectNotPlanned, InvalidInput, KeyReused

TRANSIENT: tuple[type[BaseException], ...] = (ConnectionError, TimeoutError)
"""Failures that may be gone in a second: the receiver was not reached, or did not answer."""


class ApprovalLedger(EffectLog):
    """The log of effects that need an approval: nothing else happens under their keys.

    Args:
        where: A database, its URL, or a SQLite file's path.
        args: For each action's name what it accepts.  Nothing else is written down, whoever has
            approved it: this is the last look before the money moves.
        options: As for `EffectLog`.
    """

    def __init__(
        self, where: str | Path | Database, *, args: ArgumentModels | None = None, **options: Any
    ) -> None:
        super().__init__(where, **options)
        self.args = dict(args or {})

    def record(self, key: str, action: Action) -> None:
        """Write down that a human approved `action`; the same again changes nothing.

        Raises:
            ArgumentsChanged: Another action was approved under this key.
            InvalidArguments: The action does not accept these arguments.
            InvalidRequest: They are not JSON.
        """
        self.database.transact(lambda session: self.record_in(session, key, action))

    def record_in(self, session: Session, key: str, action: Action) -> None:
        """Do `record` as part of a caller's transaction on the same database."""
        if model := self.args.get(action["name"]):
            check_model(action, model)
        with _in_words_of_approval(key):
            self.plan_in(session, key, action["name"], action["args"])

    def execute(
        self, key: str, action: Action, effect: Handler, *, repeatable: bool = False
    ) -> Any:
        """Do what was approved under `key`, unless it is done; return the effect's result.

        Args:
            key: The key of the approval; the effect gets it as its idempotency key.
            action: What the caller is about to do; it must be what was approved.
            effect: Does it: takes the arguments (its own copy) and the key, returns JSON.
            repeatable: True if it may be run again after a failure or a crash, because its
                receiver honours the key.

        Raises:
            NotApproved: Nothing was approved under this key.
            ArgumentsChanged: Something else was approved under this key.
            LeaseHeld: Another worker is at it.
            EffectUncertain: It began, its end is unknown, and it is not repeatable; find out, then
                call `settle`.
        """
        how: dict[str, Any] = {"kind": action["name"], "planned": True, "repeatable": repeatable}
        with _in_words_of_approval(key):
            return self.perform(key, effect, action["args"], **how)

    async def aexecute(
        self, key: str, action: Action, effect: AsyncHandler, *, repeatable: bool = False
    ) -> Any:
        """Do `execute` for an effect that is a coroutine function."""
        how: dict[str, Any] = {"kind": action["name"], "planned": True, "repeatable": repeatable}
        with _in_words_of_approval(key):
            return await self.aperform(key, effect, action["args"], **how)

    def recover(self, effects: Mapping[str, Handler], *, repeatable: bool = False) -> list[Effect]:
        """Finish what a dead process left: approved, but not executed; see `deliver` there."""
        return self.deliver(effects, repeatable=repeatable)


def default_retrying() -> Retrying:
    """Return five attempts on `TRANSIENT` failures, with exponential waits and jitter."""
    return Retrying(
        retry=retry_if_exception_type(TRANSIENT),
        wait=wait_exponential_jitter(multiplier=0.5, max=30),
        stop=stop_after_attempt(5),
        reraise=True,
    )


def deliver(
    ledger: ApprovalLedger,
    key: str,
    action: Action,
    effect: Handler,
    *,
    retrying: Retrying | None = None,
) -> Any:
    """Execute an approved action, trying again while the failure may be transient.

    The approval stays valid through all attempts and through a restart; every attempt carries the
    approval's key, so a receiver that honours it acts once even if only its answer was lost.
    Raises as `ApprovalLedger.execute`, and the last failure when all attempts are used up.
    """
    attempts = retrying if retrying is not None else default_retrying()
    return attempts(ledger.execute, key, action, effect, repeatable=True)


async def adeliver(
    ledger: ApprovalLedger,
    key: str,
    action: Action,
    effect: AsyncHandler,
    *,
    retrying: AsyncRetrying | None = None,
) -> Any:
    """Do `deliver` for an effect that is a coroutine function; wait without blocking the loop."""
    if retrying is None:
        usual = default_retrying()
        retrying = AsyncRetrying(retry=usual.retry, wait=usual.wait, stop=usual.stop, reraise=True)
    return await retrying(ledger.aexecute, key, action, effect, repeatable=True)


@contextmanager
def _in_words_of_approval(key: str) -> Iterator[None]:
    try:
        yield
    except KeyReused as error:
        raise ArgumentsChanged(
            f"under {key!r} a human approved {error.known}, not {error.given};"
            " ask again with the new arguments"
        ) from error
    except InvalidInput as error:
        raise InvalidRequest(str(error)) from error
    except EffectNotPlanned as error:
        message = f"nothing was approved under {key!r}; ask a human first"
        raise NotApproved(message) from error
