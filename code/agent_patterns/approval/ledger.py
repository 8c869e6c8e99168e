"""The log of approved actions: nothing happens under their keys that nobody approved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent_patterns.approval import errors
from agent_patterns.approval.arguments import ArgumentModels, wrong_arguments
from agent_patterns.approval.protocol import Action
from agent_patterns.durable.database import Database, Session
from agent_patterns.durable.effects import AsyncHandler, Effect, EffectLog, Handler
from agent_patterns.durable.errors import EffectNotPlanned, InvalidInput, KeyReused


class ApprovalLedger(EffectLog):
    """The log of effects that need an approval: nothing else happens under their keys.

    Args:
        where, options: As for `EffectLog`.
        args: For each action's name what it accepts; nothing else can be approved.
    """

    def __init__(
        self, where: str | Path | Database, *, args: ArgumentModels | None = None, **options: Any
    ) -> None:
        super().__init__(where, **options)
        self.args = dict(args or {})

    def record(self, key: str, action: Action) -> None:
        """Write down that a human approved `action`; the same again changes nothing.

        Raises `ArgumentsChanged` if another action was approved under this key, `InvalidArguments`
        if the action does not accept these arguments, `InvalidRequest` if they are not JSON.
        """
        self.plan(key, action["name"], action["args"])

    def plan_in(self, session: Session, key: str, kind: str, payload: Any = None) -> bool:
        """Do `record` as part of a caller's transaction on the same database."""
        if wrong := wrong_arguments({"name": kind, "args": payload}, self.args.get(kind)):
            raise errors.InvalidArguments(*wrong)
        with _in_words_of_approval(key):
            return super().plan_in(session, key, kind, payload)

    def execute(
        self, key: str, action: Action, effect: Handler, *, repeatable: bool = False
    ) -> Any:
        """Do what was approved under `key`, unless it is done; return the effect's result.

        The approval stands until it is done, through failures and restarts.  Where the receiver
        may be away, call this `repeatable` and with `tenacity`: every attempt carries the key.

        Args:
            key: The key of the approval; the effect gets it as its idempotency key.
            action: What the caller is about to do; it must be what was approved.
            effect: Does it: takes the arguments (its own copy) and the key, returns JSON.
            repeatable: True if its receiver honours the key, so that it may be run again.

        Raises:
            NotApproved: Nothing was approved under this key.
            ArgumentsChanged: Something else was approved under this key.
            LeaseHeld: Another worker is at it.
            EffectUncertain: It began, its end is unknown, and it is not repeatable.
        """
        how: Any = {"kind": action["name"], "planned": True, "repeatable": repeatable}
        with _in_words_of_approval(key):
            return self.perform(key, effect, action["args"], **how)

    async def aexecute(
        self, key: str, action: Action, effect: AsyncHandler, *, repeatable: bool = False
    ) -> Any:
        """Do `execute` for an effect that is a coroutine function."""
        how: Any = {"kind": action["name"], "planned": True, "repeatable": repeatable}
        with _in_words_of_approval(key):
            return await self.aperform(key, effect, action["args"], **how)

    def deliver(self, handlers: Mapping[str, Handler], *, repeatable: bool = False) -> list[Effect]:
        """Do what was approved and is not done; see `EffectLog.deliver`."""
        return super().deliver(handlers, repeatable=repeatable)


@contextmanager
def _in_words_of_approval(key: str) -> Iterator[None]:
    try:
        yield
    except KeyReused as error:
        raise errors.ArgumentsChanged(
            f"under {key!r} a human approved {error.known}, not {error.given};"
            " ask again with the new arguments"
        ) from error
    except InvalidInput as error:
        raise errors.InvalidRequest(str(error)) from error
    except EffectNotPlanned as error:
        what = f"nothing was approved under {key!r}; ask a human first"
        raise errors.NotApproved(what) from error
