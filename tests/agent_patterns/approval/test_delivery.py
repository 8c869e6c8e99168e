"""An approval stands while its receiver is away: `tenacity` tries again under one key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tenacity import (
    AsyncRetrying,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
)

from agent_patterns.approval import ApprovalLedger
from agent_patterns.approval.errors import ArgumentsChanged

EMAIL: Any = {"name": "send_email", "args": {"to": "a@b.example"}}


class Mailbox:
    """Receives every letter once per key; loses its answer as often as told."""

    def __init__(self, lost_answers: int, error: type[Exception] = ConnectionError) -> None:
        self.letters: dict[str, dict[str, Any]] = {}
        self.attempts = 0
        self.lost, self.error = lost_answers, error

    def __call__(self, args: dict[str, Any], key: str) -> str:
        self.attempts += 1
        self.letters.setdefault(key, args)
        if self.attempts <= self.lost:
            raise self.error("no answer")
        return f"{len(self.letters)} letter"

    async def later(self, args: dict[str, Any], key: str) -> str:
        return self(args, key)


@pytest.fixture
def ledger(tmp_path: Path) -> ApprovalLedger:
    ledger = ApprovalLedger(tmp_path / "l.sqlite")
    ledger.record("k", EMAIL)
    return ledger


def retrying(naps: list[float], attempts: int = 4) -> Retrying:
    return Retrying(
        retry=retry_if_exception_type(ConnectionError),
        wait=wait_exponential(multiplier=1),
        stop=stop_after_attempt(attempts),
        sleep=naps.append,
        reraise=True,
    )


def deliver(ledger: ApprovalLedger, mailbox: Mailbox, naps: list[float]) -> Any:
    return retrying(naps)(ledger.execute, "k", EMAIL, mailbox, repeatable=True)


def test_approved_once_delivered_at_the_third_attempt_arrives_once(ledger: ApprovalLedger) -> None:
    mailbox, naps = Mailbox(lost_answers=2), []
    assert deliver(ledger, mailbox, naps) == "1 letter"
    assert (mailbox.attempts, naps) == (3, [1, 2])
    assert list(mailbox.letters) == ["k"]
    assert deliver(ledger, mailbox, []) == "1 letter"
    assert mailbox.attempts == 3


def test_when_all_attempts_fail_the_approval_still_stands(ledger: ApprovalLedger) -> None:
    mailbox = Mailbox(lost_answers=5)
    with pytest.raises(ConnectionError):
        deliver(ledger, mailbox, [])
    assert ledger.get("k").status == "planned"
    assert deliver(ledger, mailbox, []) == "1 letter"


def test_what_will_not_get_better_is_not_tried_again(ledger: ApprovalLedger) -> None:
    mailbox = Mailbox(lost_answers=1, error=PermissionError)
    with pytest.raises(PermissionError):
        deliver(ledger, mailbox, [])
    changed = {**EMAIL, "args": {}}
    with pytest.raises(ArgumentsChanged):
        retrying([])(ledger.execute, "k", changed, mailbox, repeatable=True)
    assert mailbox.attempts == 1


async def test_the_same_as_a_coroutine(ledger: ApprovalLedger) -> None:
    mailbox, naps = Mailbox(lost_answers=2), []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    policy = retrying([])
    patient = AsyncRetrying(
        retry=policy.retry, wait=policy.wait, stop=policy.stop, sleep=nap, reraise=True
    )
    for _ in range(2):
        answer = await patient(ledger.aexecute, "k", EMAIL, mailbox.later, repeatable=True)
        assert answer == "1 letter"
    assert (mailbox.attempts, naps) == (3, [1, 2])
