"""Lesson 08 as a program: two support desks meet the same faults, and the requests are counted.

    python code/08_errors_and_retries.py             every fault once
    python code/08_errors_and_retries.py outage      one of them

The careless desk retries in three layers, the careful one in one layer that looks at the error. The
practice model shows real faults, and `ChatOpenAI` raises its real exceptions.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from langchain_openai import ChatOpenAI
from pydantic import SecretStr
from tenacity import retry, stop_after_attempt

from agent_patterns.resilience import FullJitter, Retry, classify, remaining
from courseware import connect
from practice_model import Fault, PracticeServer

QUESTION = "Are returns free?"
HOUSE = (
    "You answer customers of Marlow & Finch. Use only these facts:\nParcels to Norway take five "
    "working days. Gift wrapping costs 2 EUR. Returns are free within 30 days."
)
FAULTS = {
    "hiccup": [Fault.drop(), Fault.server_error()],
    "outage": [Fault.unavailable(retry_after=0.001)] * 50,
    "key": [Fault.unauthorized()] * 50,
    "limit": [Fault.rate_limit(retry_after=0.2)],
}


class Desks:
    """Two ways to ask the same model."""

    def __init__(self, server: PracticeServer) -> None:
        self._server = server

    def _ask(self, question: str, retries: int, timeout: float | None = 5) -> str:
        llm = ChatOpenAI(
            model="gpt-4.1-mini",
            temperature=0,
            max_retries=retries,
            timeout=timeout,
            base_url=self._server.base_url,
            api_key=SecretStr(self._server.api_key),
        )
        return llm.invoke([("system", HOUSE), ("user", question)]).text

    def careless(self, question: str) -> str:
        """Retry in the client, around it, and around that."""
        again = retry(stop=stop_after_attempt(3))
        try:
            return again(again(self._ask))(question, retries=2)
        except Exception as error:
            return f"{type(error).__name__}: {str(error)[:50]}…"

    def careful(self, question: str) -> str:
        """Retry once for all, where it can help, within a deadline."""
        patient = Retry(3, backoff=FullJitter(0.05), deadline=10)
        try:
            return patient.call(lambda: self._ask(question, retries=0, timeout=remaining(5)))
        except Exception as error:
            return classify(error).user_message


def show(name: str, server: PracticeServer, ask: Callable[[str], str]) -> None:
    """Ask one question; print what it cost and what the customer reads."""
    before = len(server.requests)
    answer = ask(QUESTION)
    print(f"  {name:<9} requests: {len(server.requests) - before:>2}  {answer}")


def main(arguments: list[str] | None = None) -> int:
    """Run the program; return its exit code."""
    parser = argparse.ArgumentParser(description="Two support desks meet the same faults.")
    parser.add_argument("fault", nargs="?", choices=sorted(FAULTS), help="only this one")
    chosen = parser.parse_args(arguments).fault
    server = connect().practice
    desks = Desks(server)
    for name in [chosen] if chosen else FAULTS:
        print(name)
        for desk in (desks.careless, desks.careful):
            with server.inject(*FAULTS[name]):
                show(desk.__name__, server, desk)
    return 0


if __name__ == "__main__":
    sys.exit(main())
