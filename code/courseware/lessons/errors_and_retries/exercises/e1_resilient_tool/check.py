"""Check: A tool that survives its API."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import pairwise
from typing import Any

import httpx

from courseware.exercises import Wrong, expect
from courseware.lessons.errors_and_retries.exercises.common import _is_a_slip

_SECRET = "carrier-key-7731"


_HOST = "api.nordpost.example"


class _Enough(BaseException):
    """Ends a tool that would go on for ever; an `except Exception` must not stop it."""


class _Carrier:
    """The carrier's API: raises what it is given, call by call, and then answers."""

    def __init__(self, errors: Iterable[BaseException], last: BaseException | None = None) -> None:
        self._errors = list(errors)
        self._last = last
        self.raised: list[BaseException] = []
        self.calls = 0
        self.slept: list[float] = []
        self.slept_before_call: list[float] = []

    def fetch(self, parcel: str) -> str:
        self.calls += 1
        self.slept_before_call.append(sum(self.slept))
        if self.calls > 25:
            raise _Enough
        error = self._errors.pop(0) if self._errors else self._last
        if error is not None:
            self.raised.append(error)
            raise error
        return f"parcel {parcel} is in Oslo"

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    @property
    def waits(self) -> list[float]:
        """Seconds before the second call, before the third, and so on."""
        return [after - before for before, after in pairwise(self.slept_before_call)]


def _refused(status: int, **headers: str) -> httpx.HTTPStatusError:
    request = httpx.Request("GET", f"https://{_HOST}/parcels?key={_SECRET}")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = httpx.Response(status, headers=named, request=request)
    return httpx.HTTPStatusError(f"{status} for {request.url}", request=request, response=response)


def _down() -> httpx.ConnectError:
    return httpx.ConnectError(f"connection to {_HOST}:443 refused")


_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
"""Letters of scripts that put no space between words: Thai, Burmese, Khmer, Japanese, Chinese."""


_CLAIM = re.compile(
    r"\b(arriv(es?|ed|ing)|delivered|on (its|the) way|in transit|was sent|shipped|tomorrow)\b", re.I
)


_DOUBT = re.compile(
    r"n[o']t\b|n’t\b|\b(no|nor|cannot|unable|unknown|unclear|fail\w*|whether|if|sorry|unfortunately"
    r"|unavailable|without|later|again|try|problem|trouble)\b",
    re.I,
)


def _is_a_sentence(text: object) -> bool:
    """Whether it has at least three words."""
    if not isinstance(text, str):
        return False
    words = len(re.findall(r"[^\W\d_]{2,}", text))
    return words >= 3 or len(re.findall(f"[{_UNSPACED}]", text)) >= 5


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _use(make: Callable[..., Any], carrier: _Carrier, story: str) -> Any:
    track = make(carrier.fetch, carrier.sleep)
    track = getattr(track, "invoke", track)  # LangChain's @tool
    expect(
        callable(track),
        "returns-no-tool",
        f"make_tracking_tool returned {track!r}. Return the function that the agent will call.",
    )
    try:
        return track("MF-7")
    except _Enough:
        raise Wrong(
            "retries-forever",
            "The carrier was down for good, and your tool asked it 25 times and would have gone on."
            " Stop after a few attempts.",
        ) from None
    except NotImplementedError:
        raise
    except Exception as error:
        if _is_a_slip(error) and error not in carrier.raised:
            raise  # in the tool's own code
        raise Wrong(
            "lets-the-error-out",
            f"{story}, and your tool raised {type(error).__name__}. The agent's run ends there and"
            " the customer gets nothing. Return a sentence that says what is not known.",
        ) from error


def _expect_honest(text: Any, story: str) -> None:
    """Expect a sentence that claims nothing and holds nothing of the error's text."""
    expect(
        _is_a_sentence(text) and "Oslo" not in text,
        "says-nothing",
        f"{story}, and your tool returned {text!r}. The model can only pass on what it is told:"
        " return a sentence that says what is not known.",
    )
    expect(
        _SECRET not in text and _HOST not in text,
        "leaks-the-error",
        f"{story}, and your tool returned the text of the exception, and with it the carrier's"
        f" address or key ({text[:80]!r}…). Tell the user what `classify(error).user_message` says,"
        " and log the rest.",
    )
    expect(
        not _CLAIM.search(text) or _DOUBT.search(text),
        "claims-to-know",
        f"{story}, and your tool returned {text!r}. Nobody knows that: the customer would wait for"
        " a parcel of which your tool has heard nothing. Say what is not known.",
    )


def check(make_tracking_tool: Callable[..., Any]) -> None:
    """Hands the tool one kind of trouble after the other."""
    well = _Carrier([])
    answer = _use(make_tracking_tool, well, "All was well")
    expect(
        answer == "parcel MF-7 is in Oslo" and well.calls == 1,
        "changes-a-good-answer",
        f"The carrier answered at once; your tool asked {well.calls} times and returned"
        f" {answer!r}. Pass a good answer on as it is.",
    )

    refused = "The carrier refused the key (401)"
    key = _Carrier([], last=_refused(401))
    text = _use(make_tracking_tool, key, refused)
    expect(
        key.calls == 1,
        "retries-authentication",
        f"The carrier refused the key (401) and was asked {key.calls} times. The same key will be"
        " refused again: decide by the error whether another attempt can help.",
    )
    _expect_honest(text, refused)
    down = _Carrier([], last=_down())
    _expect_honest(
        _use(make_tracking_tool, down, "The carrier was down for good"), "The carrier was down"
    )

    for first, second in (
        (httpx.ReadTimeout("too slow"), _refused(503)),
        (_down(), _refused(500)),
    ):
        hiccup = _Carrier([first, second])
        answer = _use(
            make_tracking_tool, hiccup, "Two requests failed and a third would have worked"
        )
        expect(
            answer == "parcel MF-7 is in Oslo",
            "gives-up-too-early",
            f"A {type(first).__name__} and a {second.response.status_code} came, the third request"
            f" would have been answered, but your tool stopped after {hiccup.calls}. Allow three"
            " attempts for errors that pass.",
        )
        expect(
            sum(hiccup.slept) > 0,
            "retries-at-once",
            "Your tool asked three times without a pause (or without using the `sleep` it was"
            " given). A service in trouble needs room: wait between attempts.",
        )

    expect(
        down.calls == 3,
        "not-three-attempts",
        f"The carrier was down for good, and your tool asked it {_times(down.calls)}. Make three"
        " attempts: what the third does not mend is seldom mended by a later"
        " one, and every attempt is load on a service in trouble.",
    )

    for status in (429, 503):
        asked = random.randint(11, 29)  # not a number that a tool could know
        limited = _Carrier([_refused(status, retry_after=str(asked))])
        answer = _use(make_tracking_tool, limited, f"The carrier asked for a pause ({status})")
        expect(
            answer == "parcel MF-7 is in Oslo",
            "gives-up-too-early",
            f"The carrier said {status} and named a time after which it would answer, but your tool"
            " did not ask again.",
        )
        expect(
            limited.waits[0] >= asked,
            "ignores-retry-after",
            f"The carrier said {status} and `Retry-After: {asked}`, and your tool came back after"
            f" {limited.waits[0]:.1f} s. Such a client is often locked out. Wait at least as long"
            " as the service asks.",
        )
    wasted = sum(down.slept) - down.slept_before_call[-1]
    expect(
        wasted <= 0,
        "waits-for-nothing",
        f"After the last attempt had failed, your tool slept another {wasted:g} s before it said"
        " so. Wait only where another attempt follows: the customer is waiting too.",
    )

    unknown = "The carrier does not know the parcel (404)"
    missing = _Carrier([], last=_refused(404))
    text = _use(make_tracking_tool, missing, unknown)
    _expect_honest(text, unknown)
    expect(
        missing.calls == 1,
        "retries-what-stays",
        f"{unknown}, and was asked {_times(missing.calls)}. It will not know it a second later:"
        " most 4xx are answers. Repeat what may pass: time-outs, lost connections, 429 and 5xx.",
    )
    unforeseen = "An error that nobody foresaw came (a RuntimeError)"
    odd = _Carrier([], last=RuntimeError(f"unexpected page at https://{_HOST}/?key={_SECRET}"))
    text = _use(make_tracking_tool, odd, unforeseen)
    _expect_honest(text, unforeseen)
    expect(
        odd.calls == 1,
        "retries-the-unknown",
        f"{unforeseen}, and your tool repeated the request: {odd.calls} calls. What nobody"
        " understands may do harm twice. Repeat only errors of which you know that they pass.",
    )

    stop = KeyboardInterrupt()
    with suppress(KeyboardInterrupt):
        _use(make_tracking_tool, _Carrier([], last=stop), "Somebody pressed Stop")
        raise Wrong(
            "swallows-the-stop",
            "While the tool was waiting for the carrier, somebody pressed Stop (a"
            " KeyboardInterrupt), and your tool caught it and went on. Catch `Exception`, never"
            " `BaseException` or everything: the stop button is no error of the carrier.",
        )

    runs = []
    for _ in range(20):  # more than one client: drawn waits may shrink once, not every time
        patient = _Carrier([_refused(503), _refused(503)])
        _use(make_tracking_tool, patient, "Two requests failed and a third would have worked")
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
