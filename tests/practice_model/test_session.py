"""`connect()`: what it says, what it sets, and what it leaves alone."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from practice_model import PracticeServer

ENVIRONMENT = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE",
    "OPENAI_PROXY",
    "AGENT_PATTERNS_LIVE",
    "AGENT_PATTERNS_MODEL",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "http_proxy",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
)

DEAD = "http://127.0.0.1:9"


def python(code: str, **environment: str) -> str:
    """What a fresh Python prints for a piece of code, in an environment of the test's making."""
    kept = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=kept | {"PYTHONIOENCODING": "utf-8"} | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


ASK = """
from courseware import connect
course = connect()
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
llm = ChatOpenAI(model=course.model, temperature=0, max_retries=0)
print(bool(llm.invoke("Hello").content))
vectors = OpenAIEmbeddings(model=course.embedding_model, check_embedding_ctx_length=False)
print(len(vectors.embed_query("Hello")))
"""
LINE = "Practice model: answers come from this computer, offline and free."


@pytest.mark.slow
def test_one_line_and_an_answer() -> None:
    assert python(ASK).splitlines() == [LINE, "True", "1536"]


@pytest.mark.slow
@pytest.mark.parametrize("live", [False, True])
def test_only_the_switch_sends_requests_to_the_endpoint_of_the_environment(live: bool) -> None:
    """A server on loopback stands for the paid endpoint and counts what reaches it."""
    with PracticeServer(api_key="sk-real-and-expensive") as paid:
        switch = {"AGENT_PATTERNS_LIVE": "1"} if live else {}
        lines = python(
            ASK,
            OPENAI_API_KEY="sk-real-and-expensive",
            OPENAI_BASE_URL=paid.base_url,
            AGENT_PATTERNS_MODEL="gpt-4o",
            **switch,
        ).splitlines()
        assert lines[1:] == ["True", "1536"]
        assert [request.status for request in paid.requests] == ([200, 200] if live else [])


@pytest.mark.slow
def test_a_key_in_the_environment_is_never_used() -> None:
    code = ASK + "import os; print(os.environ['OPENAI_API_KEY'])"
    lines = python(
        code,
        OPENAI_API_KEY="sk-real-and-expensive",
        OPENAI_BASE_URL=DEAD,
        OPENAI_API_BASE=DEAD,
        OPENAI_PROXY=DEAD,
    ).splitlines()
    assert lines == [LINE, "True", "1536", "practice"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["http_proxy", "all_proxy"])
def test_proxies_do_not_get_between(name: str) -> None:
    proxy = {name: DEAD} if os.name == "nt" else {name: DEAD, name.upper(): DEAD}
    proxy["no_proxy" if os.name == "nt" else "NO_PROXY"] = "intranet.example"
    code = ASK + "import os; print(os.environ['no_proxy'] == os.environ['NO_PROXY'])\n"
    code += f"print(os.environ['no_proxy'], os.environ['{name}'])"
    assert python(code, **proxy).splitlines() == [
        LINE,
        "True",
        "1536",
        "True",
        f"intranet.example,127.0.0.1,localhost {DEAD}",
    ]


def test_running_the_cell_again_changes_nothing() -> None:
    code = """
from courseware import connect
one = connect()
port = one.practice.port
two = connect()
assert one == two and one.practice is two.practice and two.practice.port == port
import os
os.environ["OPENAI_API_KEY"] = "something else"
connect()
assert os.environ["OPENAI_API_KEY"] == "practice"
one.practice.stop()
three = connect()
assert three.practice.running
"""
    assert python(code).splitlines() == [LINE] * 4


@pytest.mark.slow
def test_inside_a_running_loop() -> None:
    code = """
import asyncio
from courseware import connect

async def cell():
    course = connect()
    from langchain_openai import ChatOpenAI
    llm = ChatOpenAI(model=course.model, max_retries=0)
    pieces = [piece.content async for piece in llm.astream("Hello")]
    print(bool("".join(pieces)))
    print(bool(llm.invoke("Hello").content))

asyncio.run(cell())
"""
    assert python(code).splitlines() == [LINE, "True", "True"]


def test_live_needs_a_key() -> None:
    code = """
from courseware import ConnectError, connect
try:
    connect(live=True)
except ConnectError as error:
    print("OPENAI_API_KEY" in str(error))
connect(live=False)
"""
    assert python(code).splitlines() == ["True", LINE]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["argument", "environment"])
def test_live_when_asked_for(how: str) -> None:
    """The "live" endpoint is a second practice model with a key of its own."""
    argument = "live=True" if how == "argument" else ""
    code = f"""
import os
from practice_model import Fault, PracticeServer
server = PracticeServer(api_key="sk-live").start()
os.environ["OPENAI_BASE_URL"] = server.base_url
os.environ["OPENAI_API_KEY"] = "sk-live"
from courseware import connect
course = connect({argument})
print(course.live, course.model, course.small_model, course.base_url == server.base_url)
from langchain_openai import ChatOpenAI
ChatOpenAI(model="gpt-4o").invoke("Hello")
print(len(server.requests))
course.practice.inject(Fault.rate_limit())
practice = dict(base_url=course.practice.base_url, api_key=course.practice.api_key)
import openai
try:
    ChatOpenAI(model=course.model, max_retries=0, **practice).invoke("Hello")
except openai.RateLimitError:
    print("practice still has its faults")
connect(live=False)
ChatOpenAI(model="gpt-4o").invoke("Hello")
print(len(server.requests), os.environ["OPENAI_API_KEY"])
connect(live=True)
print(os.environ["OPENAI_API_KEY"])
server.stop()
"""
    environment = {"AGENT_PATTERNS_MODEL": "gpt-4o"}
    if how == "environment":
        environment["AGENT_PATTERNS_LIVE"] = "1"
    live = "Live model gpt-4o: answers come over the network and may cost money."
    assert python(code, **environment).splitlines() == [
        live,
        "True gpt-4o gpt-4o True",
        "1",
        "practice still has its faults",
        LINE,
        "1 practice",
        live,
        "sk-live",
    ]


@pytest.mark.slow
def test_a_child_process_uses_its_parents_model(tmp_path: Path) -> None:
    child = tmp_path / "child.py"
    child.write_text(
        "from openai import OpenAI\n"
        "messages = [{'role': 'user', 'content': 'Hello'}]\n"
        "OpenAI().chat.completions.create(model='gpt-4.1-mini', messages=messages)\n",
        encoding="utf-8",
    )
    code = f"""
import subprocess, sys
from courseware import connect
course = connect()
subprocess.run([sys.executable, {str(child)!r}], check=True)
print(len(course.practice.requests))
"""
    assert python(code, http_proxy=DEAD).splitlines() == [LINE, "1"]


def test_it_ends_with_the_process() -> None:
    """Even while an answer hangs, and with streams half read."""
    code = """
import threading
from courseware import connect
from practice_model import Fault
course = connect()
from openai import OpenAI
course.practice.inject(Fault.stall(after_chunks=1, seconds=3600))
messages = [{"role": "user", "content": "Hello"}]
stream = OpenAI().chat.completions.create(model=course.model, messages=messages, stream=True)
next(iter(stream))
print("over")
"""
    assert python(code).splitlines() == [LINE, "over"]


async def test_servers_start_and_stop_in_any_loop() -> None:
    for _ in range(3):
        with PracticeServer() as server:
            port = server.port
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = await reader.read()
            writer.close()
            assert json.loads(answer.split(b"\r\n\r\n")[1]) == {"status": "ok"}
        with pytest.raises(OSError):  # noqa: PT011
            await asyncio.open_connection("127.0.0.1", port)
