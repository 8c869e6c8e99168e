"""Check: A repair loop with an exit."""

from collections.abc import Callable
from typing import Any

from langgraph.errors import GraphRecursionError

from courseware.exercises import Wrong, chance, expect, expecting


def check(build: Callable[..., Any]) -> None:
    """Run loops that pass at a drawn attempt, on both sides of the limit."""
    draw = chance()
    most = draw.randint(3, 6)
    for good in (1, draw.randint(2, most - 1), most, most + 1, most + draw.randint(2, 9)):
        _run(build, draw.randint(100, 999), good, most)
    _run(build, draw.randint(100, 999), 2, 1)


def _run(build: Callable[..., Any], number: int, good: int, most: int) -> None:
    task = f"write function f{number}"
    seen: list[str] = []
    tested: list[str] = []

    def generate(asked: str, report: str) -> str:
        expect(asked == task, "loses-the-task", f"generate got the task {asked!r}, not {task!r}.")
        seen.append(report)
        return f"code {number} version {len(seen)}"

    def test(code: str) -> str:
        tested.append(code)
        return "passed" if len(tested) == good else _failed(number, len(tested))

    where = f"The code passes at attempt {good}, and at most {most} are allowed."
    with expecting("`build` gets two functions and a number, and returns a compiled graph."):
        graph = build(generate, test, most)
    expect(
        hasattr(graph, "invoke"),
        "not-compiled",
        f"`build` returned {type(graph).__name__}. Return the compiled graph: `builder.compile()`.",
    )
    again = f"{where} The same graph runs a second time, and a new run counts from 0."
    for said in (where, again):
        seen.clear()
        tested.clear()
        try:
            with expecting(f"{said} The run begins with {{'task': …}} and no other key."):
                end = graph.invoke({"task": task}, {"recursion_limit": 60})
        except GraphRecursionError:
            raise Wrong(
                "no-exit",
                f"{said} Your loop made {len(seen)} attempts and would have gone on. It needs two"
                " exits: success, and enough.",
            ) from None
        reports = ["", *(_failed(number, each) for each in range(1, min(good, most)))]
        _judge_attempts(said, seen, tested, reports, most)
        _judge_end(said, end, "passed" if good <= most else "gave up", tested)


def _failed(number: int, attempt: int) -> str:
    """Return a report in which the word `passed` stands, at the end or before it."""
    parts = [f"{number} passed", f"{attempt} failed"]
    return ", ".join(parts if attempt % 2 else reversed(parts))


def _judge_attempts(
    where: str, seen: list[str], tested: list[str], reports: list[str], most: int
) -> None:
    wanted = len(reports)
    expect(
        len(seen) <= most,
        "passes-the-limit",
        f"{where} Your loop generated {len(seen)} times. The second exit is missing or comes late.",
    )
    expect(
        len(seen) <= wanted,
        "goes-on-after-success",
        f"{where} Your loop generated {len(seen)} times: it went on after the report `passed`.",
    )
    expect(
        len(seen) == len(tested) == wanted,
        "wrong-number-of-attempts",
        f"{where} Calls of generate: {len(seen)}, of test: {len(tested)}. There should be {wanted}"
        f" of each. Only the report 'passed' is success; the others are like {_failed(7, 1)!r}.",
    )
    versions = [int(code.rpartition(" ")[2]) for code in tested if code.startswith("code ")]
    expect(
        versions == list(range(1, wanted + 1)),
        "tests-other-code",
        f"{where} What was tested is not what was generated: {tested}.",
    )
    expect(
        seen == reports,
        "report-does-not-come-back",
        f"{where} generate was given the reports {seen}. At first it gets '', then the report of"
        " the last attempt, and nothing older.",
    )


def _judge_end(where: str, end: dict[str, Any], status: str, tested: list[str]) -> None:
    expect(
        end.get("status") == status,
        "wrong-status",
        f"{where} `status` must be {status!r}, and is {end.get('status')!r}. Without it nobody can"
        " tell the result from the last failure."
        + ("" if end.get("status") else " No node set it. Or does your edge name no node?"),
    )
    expect(
        end.get("code") == tested[-1] and end.get("attempts") == len(tested),
        "state-not-kept",
        f"{where} At the end the state holds code {end.get('code')!r} and attempts"
        f" {end.get('attempts')!r}; it should hold the last code and {len(tested)}.",
    )
