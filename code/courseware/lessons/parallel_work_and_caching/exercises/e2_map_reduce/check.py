"""Check: A map-reduce over documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph.errors import InvalidUpdateError

from courseware.exercises import Wrong, chance, expect
from courseware.lessons.parallel_work_and_caching.exercises.common import Down, Together

_TITLES = ("returns", "shipping", "inks", "papers", "gifts", "desk", "pens", "wax", "twine")


async def check(build: Callable[[Any], Any]) -> None:
    """Run the graph over documents that are drawn; one or two of them fail."""
    draw = chance()
    for number, failing in ((4, 0), (6, 1), (3, 2), (1, 0)):
        documents = draw.sample(_TITLES, number)
        down = draw.sample(documents, failing)
        work = Together(documents, down, draw)
        graph = build(work)
        expect(
            hasattr(graph, "ainvoke") and hasattr(graph, "get_graph"),
            "returns-no-graph",
            f"`build` returned a {type(graph).__name__}. Return the compiled graph.",
        )
        await _check_one(graph, documents, down, work)


async def _check_one(graph: Any, documents: list[str], down: list[str], work: Together) -> None:
    told = f"Documents {documents}, failing: {down or 'none'}."
    try:
        result = await graph.ainvoke({"documents": list(documents)})
    except InvalidUpdateError as error:
        if "Send" in str(error):
            raise Wrong(
                "sends-from-a-node",
                "A node returned a list of `Send`. A node returns an update of the state; `Send`s"
                " come from a conditional edge, or from `Command(goto=[…])`.",
            ) from None
        raise Wrong(
            "no-reducer",
            f"{told} Several branches wrote the same key in one step, and the key has no reducer."
            " Give `outcomes` one: `Annotated[list, merge]`.",
        ) from None
    except Down:
        raise Wrong(
            "one-failure-loses-all",
            f"{told} One document failed, and with it the run. `branch(work)` makes a node that"
            " ends in an outcome, whatever becomes of its work.",
        ) from None
    expect(
        sorted(work.begun) == sorted(documents),
        "works-on-some-not-once",
        f"{told} Worked on: {work.begun}. Each document is worked on exactly once.",
    )
    expect(
        work.at_once,
        "one-after-another",
        f"{told} The next document was begun only when the one before had ended. One `Send` for"
        " each document makes one branch for each.",
    )
    good = [work.value(document) for document in documents if document not in down]
    found = result.get("results")
    if (
        isinstance(found, list)
        and found != good
        and sorted(map(str, found)) == sorted(map(str, good))
    ):
        raise Wrong(
            "order-of-arrival",
            f"{told} They ended in the order {work.ended}, and `results` is {found!r}. Right is"
            f" {good!r}: the order of the documents.",
        )
    expect(
        found == good,
        "results-differ",
        f"{told} `results` is {found!r}. Right is {good!r}.",
    )
    expect(
        result.get("failed") == [document for document in documents if document in down],
        "failures-not-named",
        f"{told} `failed` is {result.get('failed')!r}. Name the documents that failed.",
    )
    await _check_again(graph, documents[0], documents[0] in down, work, told)


async def _check_again(graph: Any, one: str, down: bool, work: Together, told: str) -> None:
    result = await graph.ainvoke({"documents": [one]})
    again = result.get("results"), result.get("failed")
    right = ([], [one]) if down else ([work.value(one)], [])
    expect(
        again == right,
        "remembers-the-run-before",
        f"{told} Run again with {one!r} alone, the same graph returned {again}; right is {right}."
        " Keep what belongs to one run in the graph's state.",
    )
