"""Lesson 09 as a program: a support desk that gets through an outage of its model.

    python code/09_circuit_breakers_and_fallbacks.py             a scripted night
    python code/09_circuit_breakers_and_fallbacks.py --ask       your own questions

The scripted night moves the breaker's clock by hand; with --ask the time is real.
One policy stands between the desk and the model: retries inside a deadline inside a breaker inside
fallbacks.  The practice model shows real faults, `ChatOpenAI` raises its real exceptions.
"""

from __future__ import annotations

import argparse
import io
import sys
import textwrap
import time
from collections.abc import Callable

from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from agent_patterns.resilience import (
    CircuitBreaker,
    FullJitter,
    Kind,
    Link,
    NoAnswerError,
    Policy,
    Retry,
    Rule,
    remaining,
)
from agent_patterns.resilience.diagnosis import Transition
from agent_patterns.resilience.fallback import Answer
from agent_patterns.testing import FakeClock
from courseware import connect
from practice_model import Fault, PracticeServer

MODEL, SMALL_MODEL = "gpt-4.1-mini", "gpt-4.1-nano"
HOUSE = (
    "You answer customers of Marlow & Finch. Use only these facts:\nParcels to Norway take five "
    "working days. Gift wrapping costs 2 EUR. Returns are free within 30 days."
)
KEPT = {"Are returns free?": "Returns are free within 30 days."}


class Desk:
    """Answers customers' questions, whatever the model does.

    Args:
        server: where the models are asked.
        open_for: seconds that the breaker stays open.
        clock: the breaker's monotonic clock in seconds; the scripted night hands in one that it
            moves by hand.
    """

    def __init__(
        self,
        server: PracticeServer,
        *,
        open_for: float = 30,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self.breaker = CircuitBreaker(
            MODEL,
            failures=3,
            kinds={Kind.TIMEOUT: 2},
            open_for=open_for,
            listeners=(self._say,),
            clock=clock,
        )
        self.policy = Policy(
            MODEL,
            retry=Retry(
                3, backoff=FullJitter(0.05, cap=1), kinds={Kind.CONNECTION: Rule(attempts=2)}
            ),
            breaker=self.breaker,
            deadline=10,
            fallbacks=[
                Link(
                    SMALL_MODEL,
                    lambda question: self.ask_model(question, SMALL_MODEL),
                    notice="Our smaller model wrote this.",
                ),
                Link("cache", self._from_cache, instant=True, notice="This is from yesterday."),
                Link("refusal", self._refuse, instant=True, declines=True),
            ],
        )

    def answer(self, question: str) -> Answer[str]:
        """Return the answer, and who gave it."""
        return self.policy.answer(self.ask_model, question)

    def ask_model(self, question: str, model: str = MODEL) -> str:
        """Send one request, without retries of the client's own, within the deadline."""
        llm = ChatOpenAI(
            model=model,
            temperature=0,
            max_retries=0,
            timeout=remaining(5),
            base_url=self._server.base_url,
            api_key=SecretStr(self._server.api_key),
        )
        return llm.invoke([("system", HOUSE), ("user", question)]).text

    @staticmethod
    def _from_cache(question: str) -> str:
        if question not in KEPT:
            raise NoAnswerError(question)
        return KEPT[question]

    @staticmethod
    def _refuse(question: str) -> str:
        return "I cannot look that up now. Please write to support@marlowfinch.example."

    @staticmethod
    def _say(change: Transition) -> None:
        print(f"    breaker: {change.before.value} -> {change.after.value} ({change.reason})")


def serve(desk: Desk, server: PracticeServer, question: str) -> None:
    """Answers one customer and says what it took."""
    before = len(server.requests)
    print(f"  {question}")
    answer = desk.answer(question)
    print(f"    [{answer.link}] {answer.value}")
    if answer.notice:
        print(f"    notice: {answer.notice}")
    for failure in answer.failures:
        print(f"    before that, {failure.link}: {failure.verdict.reason}")
    print(f"    requests: {len(server.requests) - before}")


def scripted_night(server: PracticeServer) -> None:
    """Play a hiccup, an outage of one model, an outage of both, and the recovery."""
    night = FakeClock()  # seconds since 02:05, which pass when we say so
    desk = Desk(server, clock=night)

    def later(seconds: int, event: str) -> None:
        night.now += seconds
        minutes, rest = divmod(5 * 60 + round(night.now), 60)
        print(f"02:{minutes:02}:{rest:02}, {event}")

    later(0, "a hiccup")
    with server.inject(Fault.rate_limit(retry_after=0.1), Fault.server_error()):
        serve(desk, server, "How long do parcels to Norway take?")
    later(300, "the model is down")
    with server.inject(Fault.unavailable(), rate=1.0, where={"model": MODEL}):
        for _ in range(4):
            serve(desk, server, "What does gift wrapping cost?")
    later(10, "everything is down")
    with server.inject(Fault.drop(), rate=1.0):
        serve(desk, server, "Are returns free?")
        serve(desk, server, "What does gift wrapping cost?")
        later(10, "Jonas asks the breaker")
        print(textwrap.indent(str(desk.breaker.diagnosis()), "    "))
    later(20, "the service is back")
    serve(desk, server, "What does gift wrapping cost?")


def ask_in_turn(server: PracticeServer, open_for: float) -> None:
    """Read questions until an empty line; a line such as `!down` changes what the server does."""
    desk = Desk(server, open_for=open_for)
    print("Ask about Norway, gift wrapping or returns; an empty line ends it.")
    print("!down takes both models down, !up brings them back. The breaker stays open for")
    print(f"{open_for:g} s: until then the smaller model answers after !up.")
    injection = None
    while True:
        try:
            line = input("> ").strip()
        except EOFError:
            return
        if not line:
            return
        if line in ("!down", "!up"):
            if injection is not None:
                injection.remove()
            injection = server.inject(Fault.unavailable(), rate=1.0) if line == "!down" else None
            print("  down" if injection else f"  up, the breaker is {desk.breaker.state.value}")
            continue
        if line.startswith("!"):
            print(f"  unknown command {line}; there are !down and !up")
            continue
        serve(desk, server, line)


def main(arguments: list[str] | None = None) -> int:
    """Run the program; return its exit code."""
    parser = argparse.ArgumentParser(description="A support desk that gets through an outage.")
    parser.add_argument("--ask", action="store_true", help="ask your own questions")
    parser.add_argument(
        "--open-for", type=float, default=30, metavar="SECONDS", help="with --ask: the breaker's"
    )
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that lacks a sign shows a "?"
        sys.stdout.reconfigure(errors="replace")
    server = connect().practice
    if options.ask:
        ask_in_turn(server, options.open_for)
    else:
        scripted_night(server)
    return 0


if __name__ == "__main__":
    sys.exit(main())
