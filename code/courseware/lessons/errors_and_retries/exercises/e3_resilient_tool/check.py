"""Check: A tool that survives its API."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx

from courseware.exercises import Wrong, chance, expect
from courseware.exercises.slips import is_a_slip
from courseware.lessons.errors_and_retries.exercises.e3_resilient_tool.carrier import (
    Carrier,
    Enough,
    World,
    claims_to_know,
    is_a_sentence,
)

_PATIENCE = 60
"""Seconds of Retry-After up to which the tool waits, as the page says."""


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


class _Trial:
    """The learner's tool, used on one carrier after the other."""

    def __init__(self, make: Callable[..., Any], world: World) -> None:
        self.make = make
        self.world = world

    def use(self, carrier: Carrier, story: str) -> Any:
        """Track the parcel through a new tool; return its text."""
        track = self.make(carrier.fetch, carrier.sleep)
        track = getattr(track, "invoke", track)  # LangChain's @tool
        expect(
            callable(track),
            "returns-no-tool",
            f"make_tracking_tool returned {track!r}. Return the function that the agent will call.",
        )
        try:
            return track(self.world.parcel)
        except Enough:
            raise Wrong(
                "retries-forever",
                "The carrier was down for good, and your tool asked it 25 times and would have"
                " gone on. Stop after a few attempts.",
            ) from None
        except NotImplementedError:
            raise
        except Exception as error:
            if is_a_slip(error) and error not in carrier.raised:
                raise  # in the tool's own code
            raise Wrong(
                "lets-the-error-out",
                f"{story}, and your tool raised {type(error).__name__}. The agent's run ends there"
                " and the customer gets nothing. Return a sentence that says what is not known.",
            ) from error

    def expect_answer(self, carrier: Carrier, story: str) -> None:
        """Expect the carrier's answer, after as many requests as it takes."""
        text = self.use(carrier, story)
        expect(
            text == self.world.answer,
            "gives-up-too-early",
            f"{story}, and your tool stopped after {_times(carrier.calls)} and returned {text!r}."
            " Allow three attempts for errors that pass.",
        )

    def expect_honest(self, carrier: Carrier, story: str) -> None:
        """Expect a sentence that claims nothing and holds nothing of the error's text."""
        text = self.use(carrier, story)
        expect(
            is_a_sentence(text) and self.world.city not in text,
            "says-nothing",
            f"{story}, and your tool returned {text!r}. The model can only pass on what it is"
            " told: return a sentence that says what is not known.",
        )
        expect(
            self.world.secret not in text and self.world.host not in text,
            "leaks-the-error",
            f"{story}, and your tool returned the text of the exception, and with it the carrier's"
            f" address or key ({text[:80]!r}…). Tell the user what `classify(error).user_message`"
            " says, and log the rest.",
        )
        expect(
            not claims_to_know(text),
            "claims-to-know",
            f"{story}, and your tool returned {text!r}. Nobody knows that: the customer would wait"
            " for a parcel of which your tool has heard nothing. Say what is not known.",
        )


def _all_well(trial: _Trial) -> None:
    world = trial.world
    well = world.carrier()
    answer = trial.use(well, "All was well")
    expect(
        answer == world.answer and well.asked_for == [world.parcel],
        "changes-a-good-answer",
        f"The carrier was asked about {world.parcel} and answered {world.answer!r} at once. Your"
        f" tool asked for {well.asked_for} and returned {answer!r}. Pass a good answer on as it"
        " is.",
    )


def _errors_that_stay(trial: _Trial) -> None:
    world = trial.world
    codes = [400, 403, 404, 422]
    world.draw.shuffle(codes)
    for status in (401, *codes):
        story = f"The carrier refused the request ({status})"
        carrier = world.carrier(last=world.refused(status))
        trial.expect_honest(carrier, story)
        expect(
            carrier.calls == 1,
            "retries-authentication" if status == 401 else "retries-what-stays",
            f"{story} and was asked {_times(carrier.calls)}. It will say the same a second later."
            " Repeat what may pass: time-outs, lost connections, 429 and 5xx.",
        )
    story = "An error that nobody foresaw came (a RuntimeError)"
    odd = world.carrier(last=world.unforeseen())
    trial.expect_honest(odd, story)
    expect(
        odd.calls == 1,
        "retries-the-unknown",
        f"{story}, and your tool repeated the request: {odd.calls} calls. An error that nobody"
        " understands may do harm twice. Repeat only errors of which you know that they pass.",
    )


def _errors_that_pass(trial: _Trial) -> None:
    world = trial.world
    late, other = httpx.ReadTimeout("too slow"), world.draw.choice([502, 504])
    for first, status in ((late, 503), (world.down(), 500), (world.down(), other)):
        hiccup = world.carrier([first, world.refused(status)])
        told = f"A {type(first).__name__} and a {status} came"
        trial.expect_answer(hiccup, f"{told}, and the third request would have been answered")
        expect(
            sum(hiccup.slept) > 0,
            "retries-at-once",
            "Your tool asked three times without a pause (or without using the `sleep` it was"
            " given). A service in trouble needs room: wait between attempts.",
        )
    down = world.carrier(last=world.down())
    trial.expect_honest(down, "The carrier was down for good")
    expect(
        down.calls == 3,
        "not-three-attempts",
        f"The carrier was down for good, and your tool asked it {_times(down.calls)}. Make three"
        " attempts: a later one seldom helps, and every attempt is load on a service in trouble.",
    )
    wasted = sum(down.slept) - down.slept_before_call[-1]
    expect(
        wasted <= 0,
        "waits-for-nothing",
        f"After the last attempt had failed, your tool slept another {wasted:g} s before it said"
        " so. Wait only where another attempt follows: the customer is waiting too.",
    )


def _retry_after(trial: _Trial) -> None:
    world = trial.world
    for status in (429, 503):
        for asked in (world.draw.randint(11, 29), world.draw.randint(40, 59), _PATIENCE):
            limited = world.carrier([world.refused(status, asked)])
            told = f"The carrier said {status} and `Retry-After: {asked}`"
            trial.expect_answer(limited, f"{told}, and would then have answered")
            expect(
                limited.waits[0] >= asked,
                "ignores-retry-after",
                f"{told}, and your tool came back after {limited.waits[0]:.1f} s. Such a client is"
                " often locked out. Wait at least as long as the service asks.",
            )
        for asked in (_PATIENCE + 1, world.draw.randint(2 * _PATIENCE, 7200)):
            _too_long(trial, status, asked)


def _too_long(trial: _Trial, status: int, asked: int) -> None:
    world = trial.world
    closed = world.carrier(last=world.refused(status, asked))
    told = f"The carrier said {status} and `Retry-After: {asked}`"
    trial.expect_honest(closed, told)
    expect(
        closed.calls == 1,
        "comes-back-too-early" if sum(closed.waits[:1]) < asked else "waits-for-hours",
        f"{told}, and your tool slept {sum(closed.waits[:1]):.0f} s and asked again. Up to a"
        " minute the customer waits; for longer, say at once that it takes longer.",
    )
    expect(
        not closed.slept,
        "waits-for-nothing",
        f"{told}. Your tool slept {sum(closed.slept):.0f} s and then gave up. Give up at once.",
    )


def _stop_button(trial: _Trial) -> None:
    with suppress(KeyboardInterrupt):
        trial.use(trial.world.carrier(last=KeyboardInterrupt()), "Somebody pressed Stop")
        raise Wrong(
            "swallows-the-stop",
            "While the tool was waiting for the carrier, somebody pressed Stop (a"
            " KeyboardInterrupt), and your tool caught it and went on. Catch `Exception`, never"
            " `BaseException` or everything: the stop button is no error of the carrier.",
        )


def _growing_waits(trial: _Trial) -> None:
    world = trial.world
    runs = []
    for _ in range(20):  # more than one client: drawn waits may shrink once, not every time
        patient = world.carrier([world.refused(503), world.refused(503)])
        trial.expect_answer(patient, "Two 503 came, and the third request would have worked")
        runs.append(patient.waits)
    expect(
        len({wait for run in runs for wait in run}) > 1,
        "always-waits-the-same",
        f"Your tool waits {runs[0][0]:g} s before every attempt, and so does every other client"
        " that failed in the same moment: they all come back together. Wait longer each time, or"
        " draw the wait at random (`Exponential`, `FullJitter`).",
    )
    expect(
        any(later >= earlier for earlier, later in runs),
        "waits-shrink",
        f"Your tool waits {runs[0][0]:g} s before the second attempt and {runs[0][1]:g} s before"
        " the third. A service that needs longer than the first wait needs more room, not less:"
        " wait longer each time, or draw the wait at random.",
    )


def check(make_tracking_tool: Callable[..., Any]) -> None:
    """Hand the tool one kind of trouble after the other."""
    trial = _Trial(make_tracking_tool, World(chance()))
    _all_well(trial)
    _errors_that_stay(trial)
    _errors_that_pass(trial)
    _retry_after(trial)
    _stop_button(trial)
    _growing_waits(trial)
