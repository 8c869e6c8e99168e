"""What a learner's shell may hold: the practice model answers, and the doctor names it."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from courseware.commands import doctor
from courseware.runtime.paths import ROOT

FIRST_CALL = """
import json, os
from courseware import connect
before = dict(os.environ)
course = connect()
from langchain_openai import ChatOpenAI
answer = ChatOpenAI(model=course.model).invoke("Hello").content
assert answer
practice = dict(os.environ)
connect(live=True)
names = json.loads(os.environ["NAMES"])
print(json.dumps([
    [name for name in names if practice.get(name) == before[name]],
    [name for name in names if os.environ.get(name) == before[name]],
]))
"""


def in_a_shell(code: str, variables: dict[str, str]) -> Any:
    names = json.dumps(list(variables))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "OPENAI_API_KEY": "sk-mine", **variables, "NAMES": names},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize(
    "variables",
    [
        {"ALL_PROXY": "socks5://127.0.0.1:9"},
        {"all_proxy": "socks5h://127.0.0.1:9", "https_proxy": "SOCKS4://127.0.0.1:9"},
        {"SSL_CERT_FILE": "/gone/ca.pem"},
        {"SSL_CERT_FILE": str(Path(__file__))},
        {"SSL_CERT_DIR": "/gone", "REQUESTS_CA_BUNDLE": "/gone/ca.pem"},
    ],
    ids=lambda variables: " ".join(variables),
)
def test_the_first_call_is_answered_and_a_live_one_finds_the_shell_as_it_was(
    variables: dict[str, str],
) -> None:
    kept, restored = in_a_shell(FIRST_CALL, variables)
    assert kept == []
    assert restored == list(variables)


@pytest.mark.slow
def test_what_is_no_hindrance_stays() -> None:
    import certifi

    variables = {"HTTPS_PROXY": "http://127.0.0.1:9", "SSL_CERT_FILE": certifi.where()}
    kept, restored = in_a_shell(FIRST_CALL, variables)
    assert kept == restored == list(variables)


@pytest.mark.parametrize("live", [False, True])
def test_the_doctor_names_what_stands_in_the_way(
    live: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENT_PATTERNS_LIVE", "1" if live else "0")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setenv("SSL_CERT_FILE", "/gone/ca.pem")
    (check,) = [each for each in doctor.run() if each.name == "shell"]
    assert "ALL_PROXY" in check.detail
    assert "SSL_CERT_FILE" in check.detail
    assert check.ok is not live
    if live:
        assert "Unset ALL_PROXY, SSL_CERT_FILE" in check.fix


def test_the_doctor_says_nothing_of_a_plain_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("SSL_CERT"):
            monkeypatch.delenv(name)
    assert "shell" not in [each.name for each in doctor.run()]


@pytest.mark.parametrize("number", [errno.ENETUNREACH, errno.EACCES, errno.EADDRNOTAVAIL])
def test_without_loopback_the_doctor_knows_the_cure(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> socket.socket:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(socket, "create_connection", refuse)
    (check,) = [each for each in doctor.run() if each.name == "practice model"]
    assert not check.ok
    assert os.strerror(number) in check.detail
    assert "loopback" in check.fix
    assert ".venv" not in check.fix
