"""The practice model as a program of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import openai
import pytest

from practice_model import PortTaken, PracticeServer
from practice_model.server.command import main


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    flags = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0
    process = subprocess.Popen(
        [sys.executable, "-m", "practice_model", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        creationflags=flags,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Practice model at http://127.0.0.1:"), line
        yield process, line.split()[3]
    finally:
        process.kill()
        process.communicate(timeout=30)


def test_it_serves_with_a_key_and_faults_of_ones_choice() -> None:
    order = json.dumps({"faults": [{"kind": "server_error"}], "times": 1})
    with running("--api-key", "mine", "--inject", order) as (_, url):
        client = openai.OpenAI(base_url=url, api_key="mine", max_retries=0)
        with pytest.raises(openai.InternalServerError):
            client.models.list()
        assert client.models.list().data
        client.close()


def test_it_serves_under_a_name_that_is_allowed() -> None:
    with running("--allow-host", "model.example") as (_, url):
        for name, status in (("model.example", 200), ("other.example", 403)):
            headers = {"authorization": "Bearer practice", "host": name}
            assert httpx.get(f"{url}/models", headers=headers).status_code == status


def test_a_wrong_fault_name_is_told_the_right_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--inject", '{"faults": [{"kind": "explosion"}]}'])
    told = capsys.readouterr().err
    assert "no fault 'explosion'" in told
    assert "rate_limit, server_error" in told


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_it_ends_on_a_signal(name: str) -> None:
    with running() as (process, url):
        httpx.get(f"{url}/models", headers={"authorization": "Bearer practice"})
        if sys.platform == "win32":
            os.kill(process.pid, signal.CTRL_BREAK_EVENT)
        else:
            process.send_signal(getattr(signal, name))
        _, errors = process.communicate(timeout=30)
        assert errors == ""
        assert process.returncode == 0


def test_a_taken_port_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with PracticeServer() as server:
        assert main(["--port", str(server.port)]) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.count("\n") == 1
        assert f"Port {server.port} is taken" in said.err
        with pytest.raises(PortTaken):
            PracticeServer(server.port).start()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "x"],
        ["--port", "70000"],
        ["--inject", "{"],
        ["--inject", '{"faults": [{"kind": "explosion"}]}'],
    ],
)
def test_wrong_options(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "Traceback" not in capsys.readouterr().err
