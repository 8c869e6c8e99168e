"""What the practice model adds to a chat call: against its own server answering a constant."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from openai import DefaultHttpxClient, OpenAI
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks import Measurement, interleaved
from practice_model import PracticeServer

MODEL = "gpt-4.1-mini"
MESSAGES: list[dict[str, Any]] = [
    {"role": "system", "content": "You are a helpful assistant of a small shop."},
    {"role": "user", "content": "What is the weather in Lisbon, and what time is it in Tokyo?"},
]
PLACE = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": name, "description": text, "parameters": PLACE}}
    for name, text in (
        ("get_weather", "Get the current weather in a city."),
        ("get_time", "Get the local time in a city."),
    )
]


class _ConstantServer(PracticeServer):
    """The same server and protocol; every request gets the same bytes."""

    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self._answer = answer

    def application(self, stopping: asyncio.Event) -> ASGIApp:
        body = self._answer
        kind = b"text/event-stream" if body.startswith(b"data:") else b"application/json"
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]

        async def constant(scope: Scope, receive: Receive, send: Send) -> None:
            while (await receive()).get("more_body", False):
                pass
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

        return constant


def _create(client: OpenAI, more: dict[str, Any]) -> Any:
    create: Any = client.chat.completions.create
    return create(model=MODEL, messages=MESSAGES, **more)


def _ask(client: OpenAI, more: dict[str, Any]) -> None:
    answer = _create(client, more)
    if more.get("stream"):
        for _ in answer:
            pass


def _answer_of(server: PracticeServer, more: dict[str, Any]) -> bytes:
    """Return the body of the practice model's answer, for the constant server to repeat."""
    answer = httpx.post(
        f"{server.base_url}/chat/completions",
        json={"model": MODEL, "messages": MESSAGES, **more},
        headers={"authorization": f"Bearer {server.api_key}"},
        trust_env=False,
    )
    return answer.raise_for_status().content


CASES: dict[str, dict[str, Any]] = {
    "chat call": {},
    "chat call with tools": {"tools": TOOLS},
    "streamed chat call": {"stream": True},
}


def run(quick: bool) -> list[Measurement]:
    """Ratios of a whole chat call, seen from the client: practice model to constant answer."""
    rounds, calls = (7, 5) if quick else (41, 20)
    return [_measure(name, more, rounds, calls) for name, more in CASES.items()]


def _measure(name: str, more: dict[str, Any], rounds: int, calls: int) -> Measurement:
    with PracticeServer() as practice, _ConstantServer(_answer_of(practice, more)) as constant:
        options: dict[str, Any] = {"max_retries": 0, "api_key": practice.api_key}
        options["http_client"] = DefaultHttpxClient(trust_env=False)
        with (
            OpenAI(base_url=practice.base_url, **options) as one,
            OpenAI(base_url=constant.base_url, **options) as other,
        ):
            seconds = interleaved(
                {"practice": lambda: _ask(one, more), "constant": lambda: _ask(other, more)},
                rounds=rounds,
                calls=calls,
            )
    return _ratio(f"{name} / same server, constant answer", seconds)


def _ratio(name: str, seconds: dict[str, float]) -> Measurement:
    note = f"{seconds['practice'] * 1000:.2f} ms against {seconds['constant'] * 1000:.2f} ms"
    return Measurement(name, seconds["practice"] / seconds["constant"], note=note)
