"""The lessons' worker processes, and their PostgreSQL."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import psycopg
import pytest

from courseware.runtime.postgres import plain_place, postgres_url, stop_postgres
from courseware.runtime.workers import Worker, WorkerFailed


def build_pair(checkpointer, step):  # its source is sent away: nothing from outside
    from typing import TypedDict

    from langgraph.graph import START, StateGraph

    class State(TypedDict, total=False):
        n: int

    def left(state: State) -> State:
        step("left")
        return {"n": state["n"] + 1}

    def right(state: State) -> State:
        step("right")
        if state["n"] > 100:
            raise ValueError("too much")
        return {"n": state["n"] * 2}

    builder = StateGraph(State)
    builder.add_sequence([left, right])
    builder.add_edge(START, "left")
    return builder.compile(checkpointer=checkpointer)


@pytest.mark.slow
def test_a_worker_runs_tells_and_dies(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path.as_posix()}/w.db"
    first = Worker(build_pair, url)
    first.run("a", {"n": 1}, stop_at="right").run("b", {"n": 2})
    first.wait_until("right", thread_id="a")
    assert first.result("b") == {"thread_id": "b", "status": "done", "values": {"n": 6}}
    pid = first._process.pid
    first.kill()
    assert not first.alive
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    with Worker(build_pair, url) as second:
        second.run("a")
        assert second.result("a")["values"] == {"n": 4}
        assert second.ran("a") == ["right"]
        second.run("c", {"n": 500})
        assert second.result("c")["said"] == "ValueError: too much"
        with pytest.raises(WorkerFailed, match="too much"):
            second.wait_until("middle", thread_id="c")
        second.run("c", {"n": 1})
        assert second.result("c")["values"] == {"n": 4}
    with pytest.raises(WorkerFailed, match="worker is gone"):
        second.run("c")


PARENT = """
import sys
from tests.agent_patterns.workers.test_workers import build_pair
from courseware.runtime.workers import Worker

worker = Worker(build_pair, "memory://").run("a", {"n": 1}, stop_at="right").wait_until("right")
print(worker._process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["ends", "is killed"])
def test_a_worker_that_stands_still_ends_with_its_kernel(how: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=Path(__file__).parents[3],
    )
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    if how == "is killed":
        parent.kill()
    parent.communicate()
    _, alive = psutil.wait_procs([worker], timeout=60)
    assert not alive


@pytest.mark.slow
def test_a_worker_ends_with_its_name_and_when_it_is_stopped() -> None:
    workers = [Worker(build_pair, "memory://").run("a", {"n": 1}, stop_at="left") for _ in range(2)]
    for worker in workers:
        worker.wait_until("left")
    processes = [psutil.Process(worker._process.pid) for worker in workers]
    workers[0].stop()
    assert not workers[0].alive
    del worker
    workers.clear()
    gc.collect()
    _, alive = psutil.wait_procs(processes, timeout=60)
    assert not alive


COLOUR = "red"


def forgetful(checkpointer, step):
    from langgraph.graph import START, StateGraph

    builder = StateGraph(dict)
    builder.add_node("paint", lambda state: {"colour": COLOUR})
    builder.add_edge(START, "paint")
    return builder.compile(checkpointer=checkpointer)


@pytest.mark.slow
def test_a_name_from_outside_is_explained() -> None:
    with Worker(forgetful, "memory://") as worker:
        worker.run("a", {})
        with pytest.raises(WorkerFailed, match=r"'COLOUR' is not defined[^$]*inside it"):
            worker.wait_until("painted", thread_id="a")


def ask(checkpointer, step):
    from typing import TypedDict

    from langgraph.graph import START, StateGraph
    from langgraph.types import interrupt

    class State(TypedDict, total=False):
        answer: str

    builder = StateGraph(State)
    builder.add_node("ask", lambda state: {"answer": interrupt("may I?")})
    builder.add_edge(START, "ask")
    return builder.compile(checkpointer=checkpointer)


@pytest.mark.slow
def test_a_supervised_run_is_resumed(tmp_path: Path) -> None:
    with Worker(ask, f"sqlite:///{tmp_path.as_posix()}/w.db") as worker:
        worker.run("a", {"answer": ""}, supervised=True)
        assert worker.result("a")["status"] == "waiting"
        worker.run("a", resume="yes", supervised=True)
        assert worker.result("a")["values"] == {"answer": "yes"}


def broken(checkpointer, step):
    raise RuntimeError("cannot be built")


def test_a_worker_that_cannot_build_says_why() -> None:
    with Worker(broken, "memory://") as worker:
        worker.run("a", {})
        assert "cannot be built" in worker.result("a")["said"]


LESSON = """
import sys, psycopg
from pathlib import Path
from courseware.runtime.postgres import plain_place, postgres_url

url = postgres_url(Path(sys.argv[1]))
assert postgres_url(Path(sys.argv[1])) == url
with psycopg.connect(url) as c:
    c.execute("CREATE TABLE t (n INTEGER)")
print(url, flush=True)
sys.stdin.read()
"""


def start_lesson(folder: str) -> subprocess.Popen[str]:
    """A process that uses the course's PostgreSQL until its input ends."""
    environment = {k: v for k, v in os.environ.items() if k != "AGENT_PATTERNS_POSTGRES_URL"}
    return subprocess.Popen(
        [sys.executable, "-c", LESSON, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=environment,
    )


@pytest.mark.slow
def test_the_courses_postgres_ends_with_a_killed_kernel(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    kernels = [start_lesson(str(folder)), start_lesson(str(folder))]
    for kernel in kernels:
        assert kernel.stdout is not None
        assert kernel.stdout.readline().startswith("postgresql://")
    number = (folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0]
    server = psutil.Process(int(number))
    for kernel in kernels:
        assert server.is_running()
        kernel.kill()  # no exit handler runs
        kernel.communicate()
    _, alive = psutil.wait_procs([server], timeout=60)
    assert not alive
    again = start_lesson(str(folder))  # and nothing is in the way of the next
    assert "postgresql://" in again.communicate("", timeout=60)[0]
    assert again.returncode == 0


@pytest.mark.slow
def test_the_courses_postgres_gives_an_empty_database_and_cleans_up(tmp_path: Path) -> None:
    folder = str(tmp_path / "server")

    def start() -> subprocess.Popen[str]:
        return start_lesson(folder)

    first, second = start(), start()
    urls = []
    for process in (first, second):
        assert process.stdout is not None
        urls.append(process.stdout.readline().strip())
    assert len(set(urls)) == 2
    first.kill()  # leaves its database and its name in the list of users
    first.communicate()
    second.communicate("")
    third = start()
    assert third.stdout is not None
    url = third.stdout.readline().strip()
    with psycopg.connect(url) as connection:
        names = [row[0] for row in connection.execute("SELECT datname FROM pg_database")]
    assert sum(name.startswith("course_") for name in names) == 1
    third.communicate("")
    assert third.returncode == 0
    assert not (Path(folder) / "postmaster.pid").exists()


@pytest.mark.slow
def test_a_server_that_has_gone_is_not_started_to_be_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    lesson = start_lesson(str(folder))
    assert lesson.stdout is not None
    lesson.stdout.readline()
    running = (folder / "postmaster.pid").read_text(encoding="utf-8")
    lesson.communicate("")
    (folder / "postmaster.pid").write_text(running, encoding="utf-8")  # as left by a crash
    stop_postgres(folder)
    assert (folder / "log").read_text(encoding="utf-8").count("starting PostgreSQL") == 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="nothing there goes through a shell")
def test_the_courses_postgres_starts_for_a_course_whose_path_holds_a_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a cache"))  # so that this is no way out
    monkeypatch.setenv("HOME", str(tmp_path / "a home"))
    folder = tmp_path / "My $courses (1)" / "postgres"
    with tempfile.TemporaryDirectory(prefix="postgres-") as plain:
        monkeypatch.setenv("TMPDIR", plain)  # for the lesson's process
        monkeypatch.setattr(tempfile, "tempdir", plain)
        place = plain_place(folder)
        assert place == plain_place(folder) != plain_place(folder.with_name("other"))
        assert plain_place(place) == place
        with start_lesson(str(folder)) as lesson:
            assert lesson.stdout is not None
            assert lesson.stdout.readline().startswith("postgresql://")
            assert (place / "postmaster.pid").exists()
            lesson.communicate("")
        assert lesson.returncode == 0


def test_a_course_without_any_plain_place_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "getuid", lambda: 1000, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "a b"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "a home"))
    with pytest.raises(RuntimeError, match="without spaces"):
        plain_place(tmp_path / "My courses")


def test_an_address_in_the_environment_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_PATTERNS_POSTGRES_URL", "postgresql://db.example/shop")
    assert postgres_url() == "postgresql://db.example/shop"
