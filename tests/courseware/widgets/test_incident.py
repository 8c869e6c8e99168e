"""The live incident: the same calls from a script, and switched by hand."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from langchain_openai import ChatOpenAI

from agent_patterns.resilience import CircuitBreaker, Link, Policy
from agent_patterns.resilience.diagnosis import State
from courseware.widgets.incident import Incident
from practice_model import PracticeServer


@pytest.fixture(scope="module")
def server():
    with PracticeServer() as running:
        yield running


def policy(clock) -> Policy:
    breaker = CircuitBreaker("chat", failures=3, open_for=5, clock=clock)
    return Policy("gpt-4.1-mini", breaker=breaker, fallbacks=[Link("cache", lambda: "yesterday's")],
                  clock=clock)  # fmt: skip


def incident(server, **options) -> Incident:
    llm = ChatOpenAI(
        model="gpt-4.1-mini", base_url=server.base_url, api_key=server.api_key, max_retries=0,
        timeout=5, http_client=httpx.Client(trust_env=False),
    )  # fmt: skip
    return Incident(server, lambda: llm.invoke("Say hello to Ines.").text, policy, **options)


def test_the_script_shows_the_whole_outage(server):
    played = incident(server, script=[(5, "unavailable"), (17, "well")], seconds=30).play()
    states = [state for _, _, state in played.log.states(played.now)]
    half = State.HALF_OPEN
    assert states == [
        State.CLOSED, State.OPEN, half, State.OPEN, half, State.OPEN, half, State.CLOSED,
    ]  # fmt: skip
    assert len(played.log.calls) == 60
    by = {name: sum(c.link == name for c in played.log.calls) for name in played.log.links}
    assert by["gpt-4.1-mini"] + by["cache"] == 60
    refused = [call for call in played.log.calls if not call.asked]
    assert {call.link for call in refused} == {"cache"}
    assert all(5 < call.at < 23 for call in refused)
    assert server.injections == []


def test_the_script_gives_the_same_picture_every_time(server):
    one, two = incident(server).play(), incident(server).play()
    assert one.svg == two.svg
    assert one.text() == two.text()
    assert "503 unavailable" in one.text()
    assert "closed → open" in one.text()


def test_an_unknown_fault_is_refused_with_those_that_there_are(server):
    with pytest.raises(ValueError, match="no fault 'rain'; there are: well, unavailable"):
        incident(server, script=[(1, "rain")])


async def _until(condition) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def test_it_runs_by_itself_and_the_buttons_switch_the_faults(server):
    live = incident(server, per_second=50)
    live.start_button.click()
    await _until(lambda: any(call.link == "gpt-4.1-mini" for call in live.log.calls))
    live.buttons["unavailable"].click()
    await _until(lambda: any(not call.asked for call in live.log.calls))
    assert live.log.states(live.now)[-1][2] is State.OPEN
    assert "▶" not in live.start_button.description
    assert live.start_button.description == "Pause"
    live.start_button.click()
    assert live.start_button.description == "Start"
    assert server.injections == []
    await _until(lambda: not live._calls)
    stood = len(live.log.calls)
    live.start_button.click()
    await _until(lambda: len(live.log.calls) > stood)
    assert len(live.log.pauses) == 1
    live.again_button.click()
    assert all(change.after is not State.OPEN for change in live.log.changes)
    live.pause()
    await _until(lambda: not live._calls)


async def test_a_second_incident_on_the_same_server_pauses_the_first(server):
    first, second = incident(server), incident(server)
    first.start()
    second.start()
    assert (first.start_button.description, second.start_button.description) == ("Start", "Pause")
    second.pause()
    await _until(lambda: not first._calls and not second._calls)
