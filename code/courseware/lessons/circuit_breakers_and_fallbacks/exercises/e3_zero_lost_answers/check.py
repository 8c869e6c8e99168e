"""Check: Run the incident to zero lost answers."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import httpx

from agent_patterns.resilience import NoAnswerError
from agent_patterns.testing import FakeClock
from courseware.exercises import chance, expect, expecting
from courseware.exercises.slips import is_a_slip

_REQUEST = httpx.Request("POST", "http://127.0.0.1/v1/chat/completions")


def _status(code: int) -> httpx.HTTPStatusError:
    answer = httpx.Response(code, request=_REQUEST)
    return httpx.HTTPStatusError(f"{code}", request=_REQUEST, response=answer)


class _Night:
    """Two models and a cache that fail as they are told, and the learner's policy."""

    def __init__(self, make_policy: Callable[..., Any], draw: Random) -> None:
        self.draw = draw
        self.clock = FakeClock()
        self.main_fails: list[BaseException] = []
        self.main_down: BaseException | None = None
        self.small_down = self.slept = False
        self.asked: list[str] = []
        self.kept: dict[str, str] = {}
        with expecting("A Policy comes back."):
            self.policy = make_policy(self.clock, self._sleep, self._small, self._cache)
        expect(
            hasattr(self.policy, "answer"),
            "returns-no-policy",
            f"make_policy returned {self.policy!r}. Return a Policy.",
        )

    def _sleep(self, seconds: float) -> None:
        self.slept = True
        self.clock.now += seconds

    def _main(self, question: str) -> str:
        self.asked.append(question)
        self.clock.now += 0.2
        if self.main_fails:
            raise self.main_fails.pop(0)
        if self.main_down is not None:
            raise self.main_down
        return f"main on {question}"

    def _small(self, question: str) -> str:
        self.clock.now += 0.1
        if self.small_down:
            raise httpx.ConnectError("the smaller model is down")
        return f"small on {question}"

    def _cache(self, question: str) -> str:
        if question not in self.kept:
            raise NoAnswerError(question)
        return self.kept[question]

    def question(self) -> str:
        """Return a question that nobody has asked before."""
        return f"order {self.draw.randint(10_000, 99_999)}"

    def serve(self, question: str, story: str) -> Any:
        """Ask one question, two seconds after the last; return the answer."""
        self.clock.now += 2
        try:
            with expecting(f"{story}. policy.answer(main, {question!r}) returns an answer."):
                return self.policy.answer(self._main, question)
        except NotImplementedError:
            raise
        except Exception as error:
            if is_a_slip(error):
                raise  # in a link's own code
            expect(
                False,
                "loses-an-answer",
                f"{story}, and the customer who asked about {question} got a"
                f" {type(error).__name__} instead of an answer. The last link must be one that"
                " cannot fail.",
            )

    def expect_from(self, source: str, story: str) -> Any:
        """Ask a new question and expect this source's answer."""
        question = self.question()
        answer = self.serve(question, story)
        expect(
            answer.value == f"{source} on {question}",
            "asks-the-wrong-source",
            f"{story}. The customer should have got the {source} model's answer and got"
            f" {answer.value!r} (from {answer.link!r}).",
        )
        return answer

    def expect_told(self, answer: Any, story: str) -> None:
        """Expect that the customer can tell a substitute."""
        expect(
            answer.degraded and answer.notice,
            "passes-for-the-real-thing",
            f"{story}, a substitute answered, and the customer is told nothing. The answer must"
            " say so: make it a link of the policy.",
        )


def _hiccups(night: _Night) -> None:
    night.expect_from("main", "All was well")
    for errors in ([httpx.ReadTimeout("slow")], [_status(503), httpx.ConnectError("reset")]):
        night.main_fails = list(errors)
        night.expect_from("main", f"A hiccup of {len(errors)} failures passed")
    expect(
        night.slept,
        "waits-for-real",
        "Your retries never called the `sleep` they were given: they wait for real, or not at all."
        " Hand it to `Retry(…, sleep=sleep)`.",
    )


def _outage_of_one(night: _Night) -> None:
    story = "The main model was down"
    night.main_down = _status(night.draw.choice([500, 502, 503]))
    before, customers = len(night.asked), night.draw.randint(25, 40)
    for _ in range(customers):
        night.expect_told(night.expect_from("small", story), story)
    spent = len(night.asked) - before
    expect(
        spent <= customers,
        "keeps-asking",
        f"{story} for {customers} questions, and it was asked {spent} times. A breaker that goes"
        " by the clock you are given leaves it alone, apart from a probe now and then.",
    )
    night.main_down = None
    _recovers(night)


def _recovers(night: _Night) -> None:
    night.clock.now += 60
    night.serve(night.question(), "The main model was back")
    night.expect_from("main", "The main model had been back for a minute")


def _outage_of_both(night: _Night) -> None:
    story = "Both models were down"
    night.main_down, night.small_down = httpx.ConnectError("down"), True
    known, unknown = night.question(), night.question()
    night.kept[known] = f"yesterday on {known}"
    answer = night.serve(known, story)
    expect(
        answer.value == night.kept[known],
        "forgets-the-cache",
        f"{story}, yesterday's answer about {known} was in the cache, and the customer got"
        f" {answer.value!r}.",
    )
    night.expect_told(answer, story)
    for question in (unknown, night.question()):
        answer = night.serve(question, f"{story} and the cache had nothing")
        text = str(answer.value or "")
        expect(
            len(text.split()) >= 3 and "yesterday on" not in text and question not in night.kept,
            "says-nothing",
            f"{story}, the cache had nothing about {question}, and the customer got"
            f" {answer.value!r}. Say in a sentence that there is no answer now.",
        )
        night.expect_told(answer, story)
    night.main_down, night.small_down = None, False
    _recovers(night)


def _refused_key(night: _Night) -> None:
    code = night.draw.choice([401, 403])
    night.main_down = _status(code)
    story = f"The main model refused the key ({code})"
    for _ in range(3):
        before = len(night.asked)
        night.expect_told(night.expect_from("small", story), story)
        expect(
            len(night.asked) - before <= 1,
            "retries-what-stays",
            f"{story} and was asked {len(night.asked) - before} times for one question. The same"
            " key will be refused again.",
        )
    night.main_down = None
    _recovers(night)


def _bug(night: _Night) -> None:
    for code in (400, 422):
        night.main_fails = [_status(code)]
        try:
            answer = night.policy.answer(night._main, night.question())
        except httpx.HTTPStatusError:
            continue
        expect(
            False,
            "hides-a-bug",
            f"The request itself was wrong ({code}), and the customer got {answer.value!r}. It"
            " would be as wrong at the next model: the error must come out, or nobody finds the"
            " bug.",
        )


def check(make_policy: Callable[..., Any]) -> None:
    """Play the night, from a hiccup to a bug."""
    night = _Night(make_policy, chance())
    _hiccups(night)
    _outage_of_one(night)
    _outage_of_both(night)
    _refused_key(night)
    _bug(night)
