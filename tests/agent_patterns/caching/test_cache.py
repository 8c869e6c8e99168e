"""Keys, time to live, single flight, processes, and files that are not what they should be."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import tool

from agent_patterns.caching import EVERYONE, Cache, CacheError, SqliteStore, cache_key
from agent_patterns.caching.store import MemoryStore


def key(question: Any = "ink?", **changed: Any) -> str:
    parts: dict[str, Any] = {"model": "m", "parameters": {}, "tools": [], "user": "ann"}
    return cache_key(question, **{**parts, **changed})


@tool
def refund(order: str) -> str:
    """Refund an order."""
    return order


def test_every_part_of_the_key_tells_answers_apart() -> None:
    keys = [
        key(),
        key("Ink?"),
        key(model="n"),
        key(parameters={"temperature": 1}),
        key(parameters={"temperature": 1.0}),
        key(parameters={"temperature": True}),
        key(parameters={"temperature": "1"}),
        key(tools=[refund]),
        key(tools=["refund"]),
        key(user="bob"),
        key(user=EVERYONE),
        key([HumanMessage("ink?")]),
        key([AIMessage("ink?")]),
    ]
    assert len(set(keys)) == len(keys)


def test_what_does_not_matter_is_not_in_the_key() -> None:
    assert key(parameters={"a": 1, "b": 2}) == key(parameters={"b": 2, "a": 1})
    assert key([HumanMessage("ink?", id="1")]) == key([HumanMessage("ink?", id="2")])
    assert key(("a", "b")) == key(["a", "b"])


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return ("dict", frozenset((name, frozen(item)) for name, item in value.items()))
    if isinstance(value, list):
        return ("list", tuple(frozen(item) for item in value))
    return (type(value).__name__, repr(value))


@given(json_like, json_like)
def test_two_values_share_a_key_only_if_they_are_the_same(one: Any, other: Any) -> None:
    assert (key(one) == key(other)) is (frozen(one) == frozen(other))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"user": ""}, "whose answer"),
        ({"parameters": {"client": object()}}, r"key\.parameters\.client is a object"),
        ({"parameters": {1: "x"}}, "has the key 1"),
        ({"tools": [lambda: None]}, r"key\.tools\[0\] is a function"),
    ],
)
def test_a_part_that_differs_every_run_is_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(CacheError, match=told):
        key(**changed)


class Counted:
    """A computation that counts its runs and ends when it is let."""

    def __init__(self, value: Any = "answer", *, held: bool = False) -> None:
        self.runs = self.cancelled = 0
        self.value = value
        self.started, self.go = asyncio.Event(), asyncio.Event()
        if not held:
            self.go.set()

    async def __call__(self) -> Any:
        self.runs += 1
        self.started.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


@pytest.fixture(params=["memory", "sqlite"])
def store(request: Any, tmp_path: Path) -> Iterator[Any]:
    if request.param == "memory":
        yield MemoryStore()
    else:
        with SqliteStore(tmp_path / "cache.sqlite") as file:
            yield file


@pytest.mark.parametrize("value", [None, False, 0, "", [], {"a": [1, None]}, AIMessage("hello")])
async def test_an_answer_is_computed_once(store: Any, value: Any) -> None:
    cache: Cache[Any] = Cache(store)
    compute = Counted(value)
    assert [await cache.get_or_compute("k", compute) for _ in range(3)] == [value] * 3
    assert compute.runs == 1
    assert (cache.stats.hits, cache.stats.misses) == (2, 1)
    assert cache.stats.hit_rate == pytest.approx(2 / 3)


async def test_an_answer_expires_at_its_time_to_live(store: Any) -> None:
    now = [100.0]
    cache: Cache[Any] = Cache(store, ttl=60, clock=lambda: now[0])
    compute = Counted()
    for moment, runs in ((100.0, 1), (159.9, 1), (160.0, 2), (219.9, 2)):
        now[0] = moment
        await cache.get_or_compute("k", compute)
        assert compute.runs == runs


async def test_errors_and_tool_calls_are_not_kept(store: Any) -> None:
    cache: Cache[Any] = Cache(store)
    failing = Counted(ConnectionError("down"))
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await cache.get_or_compute("error", failing)
    assert failing.runs == 2
    call = {"name": "refund", "args": {"order": "7"}, "id": "1", "type": "tool_call"}
    calling = Counted(AIMessage("", tool_calls=[call]))
    for _ in range(2):
        await cache.get_or_compute("call", calling)
    assert calling.runs == 2


async def test_a_hundred_callers_cause_one_computation(store: Any) -> None:
    cache: Cache[Any] = Cache(store)
    compute = Counted(held=True)
    callers = [asyncio.ensure_future(cache.get_or_compute("k", compute)) for _ in range(100)]
    await compute.started.wait()
    compute.go.set()
    assert await asyncio.gather(*callers) == ["answer"] * 100
    assert compute.runs == 1
    assert (cache.stats.misses, cache.stats.joined) == (1, 99)


async def test_an_error_reaches_all_who_wait_and_the_next_caller_tries_again(store: Any) -> None:
    cache: Cache[Any] = Cache(store)
    failing = Counted(ConnectionError("down"), held=True)
    callers = [asyncio.ensure_future(cache.get_or_compute("k", failing)) for _ in range(3)]
    await failing.started.wait()
    failing.go.set()
    told = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(one) for one in told] == [ConnectionError] * 3
    assert await cache.get_or_compute("k", Counted()) == "answer"


async def test_one_caller_may_leave_and_the_last_one_takes_the_computation_with_it() -> None:
    cache: Cache[Any] = Cache()
    compute = Counted(held=True)
    first, second = (asyncio.ensure_future(cache.get_or_compute("k", compute)) for _ in "ab")
    await compute.started.wait()
    first.cancel()  # the one whose miss began it
    await asyncio.wait({first})
    assert compute.cancelled == 0
    second.cancel()
    await asyncio.wait({second})
    while compute.cancelled == 0:
        await asyncio.sleep(0)
    assert await cache.get_or_compute("k", Counted("anew")) == "anew"


async def test_a_forgotten_answer_is_computed_again(store: Any) -> None:
    cache: Cache[Any] = Cache(store)
    compute = Counted()
    await cache.get_or_compute("k", compute)
    await cache.forget("k")
    assert await cache.get("k") is None
    await cache.get_or_compute("k", compute)
    assert compute.runs == 2


def test_memory_forgets_what_was_not_used_for_longest() -> None:
    store = MemoryStore(max_entries=2)
    for name in "ab":
        store.put(name, name, None)
    store.get("a", 0)
    store.put("c", "c", None)
    assert [store.get(name, 0) for name in "abc"] == [("a",), None, ("c",)]


async def test_answers_outlive_the_process_and_expired_ones_are_purged(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    with SqliteStore(path) as store:
        await Cache(store, ttl=10, clock=lambda: 0.0).get_or_compute("k", Counted())
    with SqliteStore(path) as store:
        assert await Cache[Any](store, clock=lambda: 9.0).get("k") == ("answer",)
        assert store.purge(10.0) == 1


WORKER = """
import asyncio, sys
from agent_patterns.caching import Cache, SqliteStore

async def compute():
    with open(sys.argv[2], "a") as log:
        log.write("computed\\n")
    if sys.argv[3] == "die":
        print("computing", flush=True)
        await asyncio.Event().wait()
    await asyncio.sleep(0.3)
    return "answer"

with SqliteStore(sys.argv[1]) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    cache = Cache(store, lease=float(sys.argv[4]))
    print(asyncio.run(cache.get_or_compute("k", compute)), flush=True)
"""


def worker(tmp_path: Path, what: str, lease: float) -> subprocess.Popen[str]:
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    arguments = [str(tmp_path / "cache.sqlite"), str(tmp_path / "log"), what, str(lease)]
    return subprocess.Popen(
        [sys.executable, str(script), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_processes_that_miss_at_once_compute_once(tmp_path: Path) -> None:
    workers = [worker(tmp_path, "answer", 60) for _ in range(4)]
    assert [line(one) for one in workers] == ["ready"] * 4
    for one in workers:
        begin(one)
    assert [line(one) for one in workers] == ["answer"] * 4
    assert [one.wait(20) for one in workers] == [0] * 4
    assert (tmp_path / "log").read_text() == "computed\n"


def test_a_killed_process_holds_up_nobody_for_longer_than_its_lease(tmp_path: Path) -> None:
    killed = worker(tmp_path, "die", 0.5)
    assert line(killed) == "ready"
    begin(killed)
    assert line(killed) == "computing"
    killed.kill()
    killed.wait(20)
    heir = worker(tmp_path, "answer", 60)
    assert line(heir) == "ready"
    begin(heir)
    assert line(heir) == "answer"
    assert heir.wait(20) == 0


def opened(path: Path) -> str:
    before = path.read_bytes()
    with pytest.raises(CacheError) as error:
        SqliteStore(path)
    assert path.read_bytes() == before
    return str(error.value)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    path.write_bytes(b"my thesis, the only copy\n" * 100)
    assert "no cache file" in opened(path)


def test_another_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE orders (id)")
    other.close()
    assert "no cache file" in opened(path)


@pytest.mark.parametrize("version", [0, 2, 99])
def test_a_file_of_another_version_is_left_alone(tmp_path: Path, version: int) -> None:
    path = tmp_path / "cache.sqlite"
    SqliteStore(path).close()
    with sqlite3.connect(path) as file:
        file.execute(f"PRAGMA user_version = {version}")
    file.execute("PRAGMA journal_mode = DELETE")
    file.close()
    assert f"has version {version}, and this library writes 1" in opened(path)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    with SqliteStore(path) as store:
        for number in range(400):
            store.put(str(number), "x" * 200, None)
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file.execute("PRAGMA journal_mode = DELETE")
    file.close()
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 8] = os.urandom(4096 * 5)
    path.write_bytes(content)
    assert "damaged" in opened(path)


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(CacheError, match="cannot be opened"):
        SqliteStore(tmp_path / "no such folder" / "cache.sqlite")


READ_ONLY = """
import os, sys
from agent_patterns.caching import CacheError, SqliteStore
if hasattr(os, "geteuid") and os.geteuid() == 0:
    os.seteuid(65534)  # nothing is read-only for root
try:
    SqliteStore(sys.argv[1])
except CacheError as error:
    print(error)
"""


def test_a_read_only_file_is_told() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        path = folder / "cache.sqlite"
        SqliteStore(path).close()
        with sqlite3.connect(path) as file:
            file.execute("PRAGMA journal_mode = DELETE")
        file.close()
        path.chmod(0o444)
        folder.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(path)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "read-only: make it writable" in done.stdout
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


async def test_a_file_that_breaks_later_costs_computations_and_no_answers(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "cache.sqlite")
    cache: Cache[Any] = Cache(store)
    compute = Counted()
    await cache.get_or_compute("k", compute)
    store.close()
    assert await cache.get_or_compute("k", compute) == "answer"
    assert compute.runs == 2
    assert cache.stats.errors > 0


async def test_a_value_that_a_file_cannot_hold_is_answered_and_counted(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "cache.sqlite") as store:
        with pytest.raises(CacheError, match="neither JSON nor a message"):
            store.put("k", object(), None)
        with pytest.raises(CacheError, match="cannot be kept"):
            store.put("k", float("nan"), None)
        cache: Cache[Any] = Cache(store)
        value = object()
        assert await cache.get_or_compute("k", Counted(value)) is value
        assert cache.stats.errors == 1


def test_a_value_that_was_tampered_with_runs_no_code(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    with SqliteStore(path) as store:
        store.put("k", "fine", None)
        evil = '{"lc": 1, "type": "constructor", "id": ["os", "system"], "kwargs": {}}'
        with sqlite3.connect(path) as file:
            file.execute("UPDATE answers SET value = ?", (evil,))
        file.close()
        with pytest.raises(CacheError, match="cannot be read"):
            store.get("k", 0)


def test_a_time_to_live_of_nothing_is_refused() -> None:
    with pytest.raises(CacheError, match="above 0"):
        Cache(ttl=0)
