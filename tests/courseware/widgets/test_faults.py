"""The fault panel, pressed from code, against a real server and client."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import openai
import pytest

from courseware.runtime.unattended import VARIABLE
from courseware.widgets.faults import CHOICES, SPANS, FaultPanel
from practice_model import Fault, PracticeServer


@pytest.fixture(scope="module")
def server() -> Iterator[PracticeServer]:
    with PracticeServer() as running:
        yield running


@pytest.fixture(autouse=True)
def fresh(server: PracticeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.clear()
    monkeypatch.setenv(VARIABLE, "1")


def ask(server: PracticeServer, timeout: float = 5.0) -> str:
    with openai.OpenAI(
        base_url=server.base_url, api_key=server.api_key, max_retries=0, timeout=timeout
    ) as client:
        reply = client.chat.completions.create(
            model="gpt-4.1-mini", messages=[{"role": "user", "content": "Hello <b>there</b>"}]
        )
    return reply.choices[0].message.content or ""


EXPECTED = {
    "rate limit": openai.RateLimitError,
    "server error": openai.InternalServerError,
    "unavailable": openai.InternalServerError,
    "unauthorized": openai.AuthenticationError,
    "slow": openai.APITimeoutError,
    "stall": openai.APITimeoutError,
    "drop": openai.APIConnectionError,
    "drop mid": openai.APIConnectionError,
    "truncated": ValueError,
}


@pytest.mark.parametrize("fault", sorted(CHOICES))
def test_every_fault_does_what_it_says_once(server: PracticeServer, fault: str) -> None:
    panel = FaultPanel(server)
    panel.press(fault, "next request", seconds=3)
    with pytest.raises(EXPECTED[fault]):
        ask(server, timeout=0.2)
    assert ask(server)
    assert len(panel.records) == 2


def test_for_how_long(server: PracticeServer) -> None:
    panel = FaultPanel(server)
    panel.press("server error", "next 5 requests")
    for _ in range(5):
        with pytest.raises(openai.InternalServerError):
            ask(server)
    assert ask(server)
    panel.press("server error", "until stopped")
    for _ in range(3):
        with pytest.raises(openai.InternalServerError):
            ask(server)
    panel.stop()
    assert ask(server)
    panel.refresh()
    assert "every request is answered" in panel.text()


def test_for_some_seconds_ends_by_itself(
    server: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[threading.Timer] = []

    class Timer(threading.Timer):
        def start(self) -> None:
            started.append(self)

    monkeypatch.setattr(threading, "Timer", Timer)
    panel = FaultPanel(server)
    panel.press("server error", "5 seconds")
    with pytest.raises(openai.InternalServerError):
        ask(server)
    assert started[0].interval == 5
    panel.refresh()
    assert "for all requests for 5 seconds" in panel.text()
    started[0].function(*started[0].args)
    assert ask(server)
    panel.refresh()
    assert "Done: the time is over, requests are answered again." in panel.text()

    panel.press("server error", "30 seconds")
    panel.press("unauthorized", "until stopped")
    started[1].function(*started[1].args)  # it fired in the moment in which it was replaced
    panel.refresh()
    assert "401 key refused, for all requests, until stopped." in panel.text()
    with pytest.raises(openai.AuthenticationError):
        ask(server)
    panel.stop()


async def test_a_stopped_panel_lists_nothing_until_it_is_used_again(
    server: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "0")
    panel = FaultPanel(server, ask=lambda: ask(server))
    panel._repr_mimebundle_()
    ask(server)
    panel.stop()
    await panel._polling
    before = panel._table.value
    for _ in range(3):
        ask(server)
    panel.refresh()
    assert panel._table.value == before
    assert "Set or Ask now begins a new list" in panel.text()

    panel.ask_button.click()
    await panel._asking
    assert len(panel.records) == 1
    assert not panel._polling.done()
    ask(server)
    panel.refresh()
    assert panel._table.value.count("<tr>") == 3  # the header and two requests
    panel._polling.cancel()


def test_a_new_choice_replaces_the_one_before(server: PracticeServer) -> None:
    panel = FaultPanel(server)
    panel.press("server error", "until stopped")
    panel.press("unauthorized", "next request")
    with pytest.raises(openai.AuthenticationError):
        ask(server)
    assert ask(server)


def test_the_text_is_the_same_every_run(server: PracticeServer) -> None:
    texts = []
    for _ in range(2):
        panel = FaultPanel(server, ask=lambda: ask(server))
        panel.press("rate limit", "next 2 requests", seconds=0.2)
        for _ in range(3):
            panel.ask_button.click()
        texts.append(panel.text())
    assert texts[0] == texts[1]
    assert "The server saw 3 requests." in texts[0]
    assert "attempt 2  429, refused" in texts[0] or "attempt 2  429" in texts[0]
    assert "attempt 3  200" in texts[0]
    assert "You got RateLimitError" in texts[0]


def test_what_comes_from_the_model_is_shown_as_text(server: PracticeServer) -> None:
    panel = FaultPanel(server, ask=lambda: "<img src=x onerror=alert(1)>")
    panel.ask_button.click()
    ask(server)
    panel.refresh()
    shown = panel._reply.value + panel._table.value
    assert "<img" not in shown
    assert "&lt;img" in shown


def test_earlier_requests_are_not_listed_and_the_list_can_be_cleared(
    server: PracticeServer,
) -> None:
    ask(server)
    panel = FaultPanel(server)
    assert "No request since" in panel._table.value
    for _ in range(14):
        ask(server)
    panel.refresh()
    assert panel._table.value.count("<tr>") == 9  # the header and the last eight
    panel.clear_button.click()
    assert "No request since" in panel._table.value


async def test_asking_does_not_block_the_event_loop(
    server: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "0")
    release = threading.Event()

    def slow() -> str:
        release.wait()
        return "done"

    panel = FaultPanel(server, ask=slow)
    panel.ask_button.click()
    panel.ask_button.click()  # a double click asks once
    assert panel.ask_button.disabled
    await asyncio.sleep(0)
    release.set()
    await panel._asking
    assert panel._asked == ["You got: done"]
    assert not panel.ask_button.disabled


def test_wrong_names_are_told(server: PracticeServer) -> None:
    panel = FaultPanel(server)
    with pytest.raises(ValueError, match="no fault 'flood'; there are: rate limit"):
        panel.press("flood")
    with pytest.raises(ValueError, match="no span"):
        panel.press("drop", "for ever")
    assert set(SPANS) >= {"next request", "until stopped"}


def test_seconds_are_only_asked_for_where_they_mean_something(server: PracticeServer) -> None:
    panel = FaultPanel(server)
    panel.fault.value = "drop"
    assert panel.seconds.disabled
    panel.fault.value = "slow"
    assert not panel.seconds.disabled
    assert panel.seconds.layout.display is None
    assert panel.seconds.description == "Silence (s):"
    panel.fault.value = "unauthorized"
    assert panel.seconds.layout.display == "none"
    assert panel.fault.layout.display is panel.span.layout.display is None


def test_attempts_are_counted_from_where_the_list_begins(server: PracticeServer) -> None:
    with server.inject(Fault.server_error(), times=3):
        for _ in range(3):
            with pytest.raises(openai.InternalServerError):
                ask(server)
    panel = FaultPanel(server, ask=lambda: ask(server))
    panel.press("server error")
    panel.ask_button.click()
    panel.ask_button.click()
    panel.ask_button.click()
    assert [line[:16] for line in panel.text().splitlines()[-3:]] == [
        "    1  attempt 1",
        "    2  attempt 2",
        "    3  attempt 1",
    ]


def test_a_request_that_met_silence_names_its_model(server: PracticeServer) -> None:
    panel = FaultPanel(server)
    panel.press("slow", seconds=3)
    with pytest.raises(openai.APITimeoutError):
        ask(server, timeout=0.2)
    assert [record.model for record in panel.records] == ["gpt-4.1-mini"]


def test_where_nobody_can_press_the_script_is_pressed_once(
    server: PracticeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [("rate limit", "next 2 requests", 0.2), "ask", "ask", "ask"]
    panel = FaultPanel(server, ask=lambda: ask(server), script=script)
    assert panel.records == []
    for _ in range(2):
        shown = panel._repr_mimebundle_()["text/plain"]
        assert "The server saw 3 requests." in shown
    monkeypatch.setenv(VARIABLE, "0")
    attended = FaultPanel(server, ask=lambda: ask(server), script=script)
    attended._repr_mimebundle_()
    assert attended.records == []


def test_a_new_panel_and_its_stop_end_what_an_earlier_panel_has_set(
    server: PracticeServer,
) -> None:
    first = FaultPanel(server)
    first.press("server error", "until stopped")
    second = FaultPanel(server)  # the same cell, run again
    assert ask(server)
    first.refresh()
    assert "Ended by another panel." in first.text()

    first.press("server error", "until stopped")
    second.stop()
    assert ask(server)
    second.press("unauthorized", "until stopped")
    first.refresh()
    with pytest.raises(openai.AuthenticationError):
        ask(server)
    second.stop()


def test_seconds_beyond_the_field_are_told(server: PracticeServer) -> None:
    panel = FaultPanel(server)
    with pytest.raises(ValueError, match="seconds=99 is not between 0 and 60"):
        panel.press("rate limit", "next request", seconds=99)
    assert ask(server)


def test_a_stopped_question_leaves_a_button_that_can_be_pressed(server: PracticeServer) -> None:
    def stopped() -> str:
        raise KeyboardInterrupt

    panel = FaultPanel(server, ask=stopped)
    with pytest.raises(KeyboardInterrupt):
        panel.ask_button.click()
    assert (panel.ask_button.disabled, panel.ask_button.description) == (False, "Ask now")
