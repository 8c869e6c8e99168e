"""The exercises of module 08: a resilient tool, a breaker with kinds, a retry storm."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import pairwise
from typing import Any

import httpx

from courseware.exercises.model import Exercise, Unattempted, Wrong, expect
from practice_model import Fault, PracticeServer

# --- 08.1 -----------------------------------------------------------------------------------------

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


def _is_a_slip(error: BaseException) -> bool:
    """Python's own complaint about a mistake in code; a class derived from one may be meant."""
    slips = (ArithmeticError, AttributeError, LookupError, NameError, TypeError)
    return isinstance(error, slips) and type(error).__module__ == "builtins"


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
    """The tool's last word: a sentence, no claim, nothing of the error's text."""
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


def check_tool(make_tracking_tool: Callable[..., Any]) -> None:
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


_TOOL = Exercise(
    id="08.1",
    title="A tool that survives its API",
    difficulty="easy",
    minutes=10,
    why="Every tool that calls an API meets a bad minute; what the agent hears then decides what"
    " the customer hears.",
    answers=("make_tracking_tool",),
    starter='''\
from courseware.exercises import exercise


def make_tracking_tool(fetch, sleep):
    """Return track(parcel) -> str, which asks fetch(parcel) and raises no Exception.

    fetch raises the errors of httpx, and now and then something that nobody foresaw.
    Wait only by calling sleep(seconds).
    """
    ...''',
    solution_code='''\
from agent_patterns.resilience import FullJitter, Retry, classify


def make_tracking_tool(fetch, sleep):
    """Return track(parcel) -> str, which asks fetch(parcel) and raises no Exception.

    fetch raises the errors of httpx, and now and then something that nobody foresaw.
    Wait only by calling sleep(seconds).
    """
    retry = Retry(3, backoff=FullJitter(0.5), sleep=sleep)

    def track(parcel):
        try:
            return retry.call(fetch, parcel)
        except Exception as error:
            reason = classify(error).user_message
            return f"I could not look up parcel {parcel}. {reason}"

    return track''',
    checker=check_tool,
    hints=(
        "Three decisions: is this error worth another attempt, how long to wait before it, and"
        " what to return when the attempts are used up.",
        "`Retry` of `agent_patterns.resilience` takes the first two decisions and accepts your"
        " `sleep`: `Retry(3, backoff=…, sleep=sleep)`. It obeys Retry-After on its own.",
        "`retry.call(fetch, parcel)` inside `try`; in `except`, return a sentence with"
        " `classify(error).user_message`.",
    ),
    notes=(
        "The tool's last word is a sentence, not an exception: the model can pass it on.",
        "The sentence comes from the kind of error, never from its text, so no address and no key"
        " reaches the customer. The check knows a few claims that a tool cannot make; whether your"
        " own sentence is true, only you can tell.",
        "`except Exception` lets the stop button through, since a KeyboardInterrupt is none.",
        "`sleep` is a parameter, so the check ran through several minutes of trouble at once.",
    ),
    setup="from agent_patterns.resilience import FullJitter, Retry, classify",
)

# --- 08.2 -----------------------------------------------------------------------------------------


class _ReadTimeout(TimeoutError):
    """As the libraries have it: their time-outs are classes of their own."""


class _Clock:
    def __init__(self) -> None:
        self.now = 5000.0

    def __call__(self) -> float:
        return self.now


class _Desk:
    """A learner's breaker, and what becomes of calls through it."""

    def __init__(
        self,
        breaker_class: Callable[..., Any],
        timeouts: int = 2,
        failures: int = 4,
        open_for: float = 30.0,
    ) -> None:
        self.clock = _Clock()
        self.breaker = breaker_class(
            self.clock, timeouts=timeouts, failures=failures, open_for=open_for
        )
        self.said = ""

    def call(self, service: Callable[[], Any]) -> str:
        """One of: answered, failed, refused, swallowed."""
        asked = False
        raised: BaseException | None = None

        def watched() -> Any:
            nonlocal asked, raised
            asked = True
            try:
                return service()
            except (Exception, asyncio.CancelledError) as error:
                raised = error
                raise

        try:
            result = self.breaker.call(watched)
        except NotImplementedError:
            raise
        except (Exception, asyncio.CancelledError) as error:
            if error is not raised and _is_a_slip(error):
                raise  # in the breaker's own code, no refusal
            if not asked:
                self.said = f" (It raised {type(error).__name__}: {error}.)"
                return "refused"
            if error is raised:
                return "failed"
            if raised is None:
                raise
            raise Wrong(
                "replaces-the-error",
                f"The service raised {type(raised).__name__}, the caller got"
                f" {type(error).__name__}. Let the service's own exception through: the caller"
                " decides by it what to do.",
            ) from error
        if not asked:
            raise Wrong(
                "refuses-silently",
                f"The breaker did not call the service and returned {result!r}. The caller must be"
                " able to tell a refusal from an answer: raise an exception of your own.",
            )
        if raised is not None:
            raise Wrong(
                "swallows-errors",
                f"The service raised {type(raised).__name__}, and the breaker returned {result!r}"
                " as if all were well. Count the failure and raise it again.",
            )
        if result != "fine":
            raise Wrong("loses-the-answer", f"The service said 'fine', call returned {result!r}.")
        return "answered"

    def fail(self, error: type[BaseException], times: int = 1) -> list[str]:
        def service() -> str:
            raise error("the service failed")

        return [self.call(service) for _ in range(times)]

    def fine(self) -> str:
        return self.call(lambda: "fine")


def check_breaker(breaker_class: Callable[..., Any]) -> None:
    """Walks the breaker through its states."""
    desk = _Desk(breaker_class)
    expect(
        desk.fine() == "answered",
        "refuses-from-the-start",
        "A new breaker refused its first call. It begins closed: every call goes through."
        + desk.said,
    )

    desk = _Desk(breaker_class)
    expect(
        desk.fail(TimeoutError, 2) == ["failed"] * 2,
        "opens-too-early",
        "With timeouts=2 the breaker refused the second call already. It opens *after* the second"
        " time-out." + desk.said,
    )
    expect(
        desk.fine() == "refused",
        "one-count-for-all",
        "After two TimeoutErrors with timeouts=2 the service was still asked. Time-outs have a"
        " number of their own, lower than that of other failures.",
    )
    one, other = _Desk(breaker_class), _Desk(breaker_class)
    expect(
        [*one.fail(TimeoutError), *other.fail(TimeoutError), one.fine(), other.fine()]
        == ["failed", "failed", "answered", "answered"],
        "shared-between-breakers",
        "Of two breakers each had one time-out, with timeouts=2, and one of them opened: they count"
        " together. Each guards a service of its own, so keep its state on `self`, made anew in"
        " `__init__`, not on the class.",
    )

    desk = _Desk(breaker_class)
    expect(
        desk.fail(ConnectionError, 4) == ["failed"] * 4,
        "one-count-for-all",
        "With failures=4 the breaker opened before the fourth ConnectionError. Only TimeoutErrors"
        " are judged by `timeouts`.",
    )
    expect(
        desk.fine() == "refused",
        "never-opens",
        "After four ConnectionErrors with failures=4 the service was still asked.",
    )

    desk = _Desk(breaker_class)
    for _ in range(6):
        desk.fail(ConnectionError, 3)
        desk.fail(TimeoutError, 1)
        expect(
            desk.fine() == "answered",
            "never-resets",
            "Between any two of these failures there were successes, and still the breaker opened."
            " A success shows that the service works: set the counts back to zero.",
        )

    desk = _Desk(breaker_class)
    for mistake in (ValueError, FileNotFoundError):
        expect(
            desk.fail(mistake, 9) == ["failed"] * 9 and desk.fine() == "answered",
            "counts-the-callers-mistakes",
            f"Nine {mistake.__name__}s, mistakes of the caller, opened the breaker: now nobody can"
            " use a service that is perfectly well. Count TimeoutError and ConnectionError only,"
            " not the OSError above them.",
        )

    for derived, kind, number in (
        (ConnectionResetError, "ConnectionError", 4),
        (_ReadTimeout, "TimeoutError", 2),
    ):
        desk = _Desk(breaker_class)
        desk.fail(derived, number)
        expect(
            desk.fine() == "refused",
            "misses-subclasses",
            f"The service failed {number} times with a subclass of {kind}"
            f" ({derived.__name__.lstrip('_')}), and the breaker is still closed. What a service"
            " really raises is nearly always a subclass: ask with `isinstance` or `except`, not"
            " by `type(error)`.",
        )

    desk = _Desk(breaker_class)
    desk.fail(TimeoutError, 2)
    desk.clock.now += 29
    expect(
        desk.fine() == "refused",
        "opens-not-long-enough",
        "29 seconds after it opened, with open_for=30, the breaker let a call through. Read the"
        " time from the clock you are given.",
    )
    desk.clock.now += 2
    outcomes: list[str] = []

    def probe() -> str:
        outcomes.append(desk.fine())
        outcomes.extend(desk.fail(TimeoutError))
        return "fine"

    through = desk.call(probe)
    expect(
        through == "answered",
        "never-probes",
        "31 seconds after it opened, with open_for=30, the breaker still refuses. One call must be"
        " let through to find out whether the service is back. (Did you read the clock you were"
        " given?)",
    )
    expect(
        outcomes == ["refused", "refused"],
        "lets-everyone-through",
        "While the probe was under way, other calls went through too. A service that is just"
        " getting up gets the whole crowd at once. Note that a probe is out, and refuse everybody"
        " else until it is back.",
    )
    expect(
        desk.fail(TimeoutError) == ["failed"],
        "does-not-close",
        "The probe succeeded, but the breaker did not go back to closed.",
    )
    expect(
        desk.fine() == "answered",
        "keeps-the-old-count",
        "After the probe had succeeded, a single time-out opened the breaker again. Closing it sets"
        " all counts back.",
    )

    desk = _Desk(breaker_class)
    desk.fail(TimeoutError, 2)
    desk.clock.now += 31
    desk.fail(ConnectionError)
    desk.clock.now += 29
    expect(
        desk.fine() == "refused",
        "failed-probe-does-not-reopen",
        "The probe failed, and yet calls go through. A failed probe opens the breaker again for"
        " another `open_for` seconds.",
    )

    for ending, why in (
        (ValueError, "raised a ValueError, which says nothing about the service"),
        (asyncio.CancelledError, "was cancelled (a CancelledError is no `Exception`)"),
    ):
        desk = _Desk(breaker_class)
        desk.fail(TimeoutError, 2)
        desk.clock.now += 31
        desk.fail(ending)
        expect(
            desk.fine() == "answered",
            "probe-never-comes-back",
            f"The probe {why}, and the next call was refused. Whatever comes of the probe, unless"
            " the service failed, the next call must get its chance.",
        )

    asked_for = "With timeouts=3, failures=5 and open_for=10"
    for error, number in ((TimeoutError, 3), (ConnectionError, 5)):
        desk = _Desk(breaker_class, timeouts=3, failures=5, open_for=10.0)
        kept = desk.fail(error, number) == ["failed"] * number and desk.fine() == "refused"
        expect(
            kept,
            "ignores-its-numbers",
            f"{asked_for} the breaker should open after {number} {error.__name__}s, neither before"
            " nor later. Count up to the numbers that `__init__` is given, not to 2 and 4.",
        )
    desk.clock.now += 9
    early = desk.fine()
    desk.clock.now += 2
    expect(
        (early, desk.fine()) == ("refused", "answered"),
        "ignores-its-numbers",
        f"{asked_for} the breaker should refuse after 9 seconds and let a probe through after 11."
        " Use the `open_for` that `__init__` is given.",
    )


_BREAKER = Exercise(
    id="08.2",
    title="A breaker that knows kinds of failure",
    difficulty="hard",
    minutes=20,
    why="A time-out costs every waiting customer ten seconds, a refused connection costs nothing:"
    " they should not need the same number to open the breaker.",
    answers=("Breaker",),
    starter='''\
from courseware.exercises import exercise


class Breaker:
    """Opens after too many failures of one kind without a success between them.

    TimeoutErrors count up to timeouts, ConnectionErrors up to failures. Other exceptions
    are the caller's mistakes and never count. Open, it refuses every call with an exception
    of its own for open_for seconds, then lets one call through as the probe.
    """

    def __init__(self, clock, timeouts=2, failures=4, open_for=30.0):
        self.clock = clock  # clock() gives monotonic seconds

    def call(self, service):
        """Return service(), or raise what it raises, or refuse."""
        raise NotImplementedError''',
    solution_code='''\
class Refused(Exception):
    pass


class Breaker:
    """Opens after too many failures of one kind without a success between them.

    TimeoutErrors count up to timeouts, ConnectionErrors up to failures. Other exceptions
    are the caller's mistakes and never count. Open, it refuses every call with an exception
    of its own for open_for seconds, then lets one call through as the probe.
    """

    def __init__(self, clock, timeouts=2, failures=4, open_for=30.0):
        self.clock = clock  # clock() gives monotonic seconds
        self.limits = {TimeoutError: timeouts, ConnectionError: failures}
        self.open_for = open_for
        self.close()

    def close(self):
        self.counts = dict.fromkeys(self.limits, 0)
        self.open_until = None
        self.probe_out = False

    def open(self):
        self.open_until = self.clock() + self.open_for

    def call(self, service):
        """Return service(), or raise what it raises, or refuse."""
        if self.open_until is not None:
            if self.probe_out or self.clock() < self.open_until:
                raise Refused("the service is resting")
            self.probe_out = True
        try:
            result = service()
        except Exception as error:
            kind = next((kind for kind in self.limits if isinstance(error, kind)), None)
            if kind is not None:
                self.counts[kind] += 1
                if self.probe_out or self.counts[kind] >= self.limits[kind]:
                    self.open()
            raise
        else:
            self.close()
            return result
        finally:
            self.probe_out = False''',
    checker=check_breaker,
    hints=(
        "Draw the three states first. What must you remember to know in which one you are, and"
        " which event takes you from each to the next?",
        "A dictionary of counts, one per kind, and the moment until which the breaker is open."
        " A success empties the counts.",
        "For the single probe: a flag that is set before the service is called and cleared in"
        " `finally`. While it is set, refuse.",
        "`isinstance(error, TimeoutError)` and `ConnectionError` count; everything else is raised"
        " on, uncounted. A counted failure while the probe is out opens it again at once.",
    ),
    notes=(
        "The flag is cleared in `finally`: a probe that raises something unexpected, or is"
        " cancelled, cannot block the breaker for ever.",
        "This one is for one thread. `CircuitBreaker` guards the same decisions with a lock that is"
        " never held while the service is asked, and ignores answers from an earlier period.",
        "From the library: `CircuitBreaker(failures=4, kinds={Kind.TIMEOUT: 2}, open_for=30)`.",
    ),
)

# --- 08.3 -----------------------------------------------------------------------------------------

QUESTION = "Do you gift-wrap?"
ALLOWED = 4
ENOUGH = 40
"""Requests after which the server answers again: what goes on for ever ends, and is seen."""


def _outcome(desk: Any, server: PracticeServer) -> tuple[Any, Exception | None, int]:
    before = len(server.requests)
    result: Any = None
    failure: Exception | None = None
    try:
        result = desk.invoke({"question": QUESTION})
    except NotImplementedError:
        raise
    except Exception as error:
        failure = error
    count = len(server.requests) - before
    expect(
        count < ENOUGH,
        "retries-forever",
        f"The model could not answer, and your desk sent {ENOUGH} requests for one question and"
        " would have gone on. Stop after a few attempts.",
    )
    return result, failure, count


def check_storm(build_desk: Callable[..., Any]) -> None:
    """Counts what one question costs a service that is down, well, or refuses the request."""
    with PracticeServer() as server:

        def desk(model: str = "gpt-4.1-mini") -> Any:
            built = build_desk(
                {
                    "model": model,
                    "base_url": server.base_url,
                    "api_key": server.api_key,
                    "timeout": 10,
                }
            )
            expect(
                hasattr(built, "invoke"),
                "returns-no-graph",
                f"build_desk returned {built!r}. Return the compiled graph.",
            )
            return built

        result, failure, count = _outcome(desk(), server)
        if failure is not None:
            raise failure
        expect(
            isinstance(result, dict) and result.get("answer") and count == 1,
            "answers-nothing",
            f"All was well at the server, and the graph returned {result!r} after {count}"
            " requests. It should put the model's text under `answer`, with one request.",
        )

        with server.inject(Fault.unavailable(retry_after=0.01), times=ENOUGH):
            result, failure, count = _outcome(desk(), server)
        if count == 27:
            raise Unattempted(
                "One question still costs 27 requests while the model is down: 3 × 3 × 3."
            )
        expect(
            count > 1,
            "retries-nowhere",
            "Now one question is one request, and every hiccup reaches the customer. Keep one layer"
            " of retries: the one that knows most about the error.",
        )
        expect(
            count <= ALLOWED,
            "still-multiplies",
            f"One question still costs {count} requests while the model is down. Find every layer"
            " that tries again: the client (`max_retries`, 2 by default, hidden), the chain"
            " (`with_retry`) and the node (`retry_policy`). Keep one.",
        )
        expect(
            failure is not None or not (result or {}).get("answer"),
            "hides-the-outage",
            f"The model was down, and the graph ended as if it had an answer: {result!r}. Here the"
            " error must come out: whoever calls the desk decides what the customer hears.",
        )

        down, limited = Fault.unavailable(retry_after=0.01), Fault.rate_limit(retry_after=0.01)
        for told, *hiccup in (
            ("A 503 came twice", down, down),
            ("A 429 and a lost connection came", limited, Fault.drop()),
        ):
            with server.inject(*hiccup):
                result, failure, count = _outcome(desk(), server)
            expect(
                failure is None and result.get("answer"),
                "gives-up-too-early",
                f"{told}, and the third request would have been answered, but the customer got"
                f" {type(failure).__name__ if failure else repr(result)} after"
                f" {count}. Three attempts survive that, for every error that passes.",
            )

        with server.inject(Fault.unauthorized(), times=ENOUGH):
            result, failure, count = _outcome(desk(), server)
        expect(
            count == 1,
            "retries-authentication",
            f"The key was refused (401), and the server was asked {count} times. The layer you kept"
            " repeats what cannot succeed: by default `RetryPolicy` and `with_retry` do. Tell it"
            " which errors are worth it, or keep the client's retries, which know.",
        )
        result, failure, count = _outcome(desk(model="gpt-4.1-retired"), server)
        expect(
            count == 1,
            "retries-what-stays",
            f"The model's name was wrong (404), and the server was asked {count} times. A 404 or"
            " 400 is an answer, as the 401 is: decide by what may pass (429, 5xx, time-outs, lost"
            " connections), not by a list of what does not.",
        )


_STORM = Exercise(
    id="08.3",
    title="Find the retry storm",
    difficulty="medium",
    minutes=10,
    why="The worst load on a service that is down comes from its own clients, and no single line"
    " of their code looks wrong.",
    answers=("build_desk",),
    starter='''\
from typing import TypedDict

from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy

from courseware.exercises import exercise


class Ticket(TypedDict, total=False):
    question: str
    answer: str


def build_desk(options):
    """The support desk as a graph. While the model is down, one question costs 27 requests.

    Make it 4 at most, and let the error out at the end: the caller falls back. Two failures in
    a row must still be survived; what cannot pass (401, 404) is asked once. options are for
    ChatOpenAI: model, base_url, api_key, timeout.
    """
    llm = ChatOpenAI(**options)
    chain = llm.with_retry(stop_after_attempt=3, wait_exponential_jitter=False)

    def answer(ticket: Ticket) -> Ticket:
        return {"answer": chain.invoke(ticket["question"]).content}

    builder = StateGraph(Ticket)
    patient = RetryPolicy(max_attempts=3, initial_interval=0.01, jitter=False)
    builder.add_node("answer", answer, retry_policy=patient)
    builder.add_edge(START, "answer")
    builder.add_edge("answer", END)
    return builder.compile()''',
    solution_code='''\
from typing import TypedDict

from agent_patterns.resilience import FullJitter, Retry
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph


class Ticket(TypedDict, total=False):
    question: str
    answer: str


def build_desk(options):
    """The support desk as a graph: one layer retries, and knows what is worth it."""
    llm = ChatOpenAI(**options, max_retries=0)
    retry = Retry(3, backoff=FullJitter(0.05))

    @retry
    def answer(ticket: Ticket) -> Ticket:
        return {"answer": llm.invoke(ticket["question"]).content}

    builder = StateGraph(Ticket)
    builder.add_node("answer", answer)
    builder.add_edge(START, "answer")
    builder.add_edge("answer", END)
    return builder.compile()''',
    checker=check_storm,
    hints=(
        "27 is 3 × 3 × 3. Two of the three layers stand in the code; the third is a default.",
        "`ChatOpenAI` repeats a request twice unless told otherwise: `max_retries=0`. Which one of"
        " the three layers do you want to keep?",
        "Keep the client's (drop `with_retry` and `retry_policy`), or set `max_retries=0` and keep"
        " one of the others, with `is_retryable` from `agent_patterns.resilience` deciding:"
        " `RetryPolicy(retry_on=is_retryable)`, or"
        " `with_retry(retry_if_exception_type=is_retryable)`, which takes a function too.",
    ),
    notes=(
        "Attempts of nested layers multiply; waits too.",
        "The layer to keep is the one that sees the real exception and its Retry-After.",
        "Simply keeping the client's `max_retries=2` passes as well: it knows a 401 is final.",
    ),
    setup="""\
from typing import TypedDict

from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy

from agent_patterns.resilience import FullJitter, Retry, is_retryable
""",
    time_limit=60.0,
)

EXERCISES = (_TOOL, _BREAKER, _STORM)
