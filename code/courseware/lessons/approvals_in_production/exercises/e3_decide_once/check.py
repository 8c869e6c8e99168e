"""Check: An API that refuses to decide twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from courseware.exercises import Wrong, chance, expect

PATIENCE = 3.0
"""Seconds for which a payment waits for the second click."""


class _Bank:
    """Count payments; the first one may stay under way until the second click is answered."""

    def __init__(self, held: bool = False, broken: bool = False) -> None:
        self.paid: list[str] = []
        self.inside, self.answered = threading.Event(), threading.Event()
        self._held, self._broken = held, broken

    def pay(self, request: str) -> None:
        self.paid.append(request)
        self.inside.set()
        if self._held:
            self.answered.wait(PATIENCE)
        if self._broken:
            raise ConnectionError("the bank's answer got lost")


def check(build_api: Callable[..., Any]) -> None:
    """Decide requests once, twice, both ways, at the same moment and when the bank fails."""
    rng = chance()
    ids = [f"R-{number}" for number in rng.sample(range(100, 1000), 6)]
    bank = _Bank()
    client = _client(build_api, bank)
    for each in ids[:5]:
        _says(client, f"/requests/{each}", 201, "refuses-a-request", "The id is new.")
    why = "A second request under a known id would open again what has been decided."
    _says(client, f"/requests/{ids[0]}", 409, "accepts-an-id-twice", why)
    why = "Nobody has put down this request, so there is nothing to decide."
    _says(client, f"/requests/{ids[5]}/approve", 404, "decides-the-unknown", why)
    other, why = rng.choice(["delete", "perhaps"]), "Only approve and reject are decisions."
    _says(client, f"/requests/{ids[0]}/{other}", 404, "any-verb", why)
    _decided_twice(client, bank, ids)
    _same_moment(build_api, ids[rng.randrange(6)])
    _failed(build_api, ids[rng.randrange(6)])


def _client(build: Callable[..., Any], bank: _Bank) -> TestClient:
    app = build(bank.pay)
    if app is None:
        raise Wrong("returns-nothing", "`build_api` returned None: end it with `return app`.")
    expect(callable(app), "returns-no-app", f"`build_api` returned {app!r} instead of an app.")
    return TestClient(app, raise_server_exceptions=False)


def _says(client: TestClient, path: str, status: int, misconception: str, why: str = "") -> None:
    got = client.post(path).status_code
    expect(got == status, misconception, f"POST {path} was {got} instead of {status}. {why}")


def _decided_twice(client: TestClient, bank: _Bank, ids: list[str]) -> None:
    verbs = ("approve", "approve"), ("approve", "reject"), ("reject", "approve"), ("reject",) * 2
    for each, (first, second) in zip(ids, verbs, strict=False):
        path = f"/requests/{each}"
        _says(client, f"{path}/{first}", 200, "refuses-the-first", "It was the first decision.")
        _says(
            client,
            f"{path}/{second}",
            409,
            "decides-twice",
            f"The request had been decided ({first}).",
        )
    expect(
        bank.paid == ids[:2],
        "pays-something-else",
        f"Approved were {ids[:2]!r}, rejected {ids[2:4]!r}; paid was {bank.paid!r}.",
    )


def _same_moment(build: Callable[..., Any], each: str) -> None:
    bank = _Bank(held=True)
    client = _client(build, bank)
    client.post(f"/requests/{each}")
    codes: list[int] = []

    def click() -> None:
        codes.append(client.post(f"/requests/{each}/approve").status_code)

    first = threading.Thread(target=click, daemon=True)
    first.start()
    expect(bank.inside.wait(PATIENCE), "never-pays", f"{each} was approved, and nothing was paid.")
    second = threading.Thread(target=click, daemon=True)
    second.start()
    second.join(PATIENCE / 2)
    at_once = not second.is_alive()
    bank.answered.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    expect(
        sorted(codes) == [200, 409] and bank.paid == [each],
        "looks-then-pays",
        f"{each} was approved twice while the payment was under way: the answers were {codes!r},"
        f" and the bank was asked {len(bank.paid)} times. Note the decision before you pay.",
    )
    expect(
        at_once,
        "waits-for-the-payment",
        "The second click had to wait for the payment before it was refused. Release the lock"
        " before you call `pay`.",
    )


def _failed(build: Callable[..., Any], each: str) -> None:
    bank = _Bank(broken=True)
    client = _client(build, bank)
    client.post(f"/requests/{each}")
    client.post(f"/requests/{each}/approve")
    _says(
        client,
        f"/requests/{each}/approve",
        409,
        "decides-again-after-a-failure",
        "`pay` had raised, and the money may have moved all the same: nobody knows.",
    )
    expect(len(bank.paid) == 1, "pays-twice", f"The bank was asked {len(bank.paid)} times.")
