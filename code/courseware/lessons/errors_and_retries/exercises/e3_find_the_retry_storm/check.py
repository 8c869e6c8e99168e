"""Check: Find the retry storm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from courseware.exercises import Unattempted, expect
from practice_model import Fault, PracticeServer

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


def check(build_desk: Callable[..., Any]) -> None:
    """Count what one question costs a service that is down, well, or refuses the request."""
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
