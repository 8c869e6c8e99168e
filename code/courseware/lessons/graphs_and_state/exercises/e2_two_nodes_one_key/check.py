"""Check: Keys for parallel nodes."""

from typing import Any

from langgraph.errors import InvalidUpdateError
from langgraph.graph import END, START, StateGraph

from courseware.exercises import Unattempted, Wrong, chance, expect, expecting


def check(Checked: Any) -> None:
    """Run two to five checks side by side, with good scores, bad ones, and a 0 among bad ones."""
    annotations = getattr(Checked, "__annotations__", {})
    if annotations and not any(hasattr(kind, "__metadata__") for kind in annotations.values()):
        raise Unattempted("Neither `risks` nor `score` has a reducer yet.")
    draw = chance()
    for sign in (1, -1, 1, 0):
        count = draw.randint(2, 5)
        risks = draw.sample([f"risk {number}" for number in range(10, 99)], count)
        scores = [(sign or -1) * score / 4 for score in draw.sample(range(1, 40), count)]
        if not sign:
            scores[0] = 0.0  # a score like any other, though it is false
        said = f"{count} checks wrote the scores {scores}"
        found = _run(Checked, risks, scores, said)
        expect(
            sorted(found.get("risks") or []) == sorted(risks),
            "loses-risks",
            f"{count} checks wrote one risk each, {risks}, and `risks` holds"
            f" {found.get('risks')!r}. All of them must be kept.",
        )
        score = found.get("score")
        expect(
            not (score == 0 and sign < 0),
            "starts-from-zero",
            f"{said}, and `score` holds 0. LangGraph starts a `float` key from `float()`, which is"
            " 0.0. Keep the `| None` in the type, and the first score counts.",
        )
        expect(
            score == max(scores),
            "not-the-highest",
            f"{said}, and `score` holds {score!r}. It must hold the highest, {max(scores)}.",
        )


def _run(schema: Any, risks: list[str], scores: list[float], said: str) -> dict[str, Any]:
    try:
        builder: Any = StateGraph(schema)
    except ValueError as error:
        raise Wrong(
            "no-signature",
            f"LangGraph refused the schema: {error}. In `Annotated` the type comes first and the"
            " reducer last. It must be a function of two arguments: a built-in such as `max` is"
            " refused, and can't compare with None either. The library's `maximum` can.",
        ) from None
    for number, (risk, score) in enumerate(zip(risks, scores, strict=True)):
        name = f"check_{number}"
        builder.add_node(name, lambda _, r=risk, s=score: {"risks": [r], "score": s})
        builder.add_edge(START, name)
        builder.add_edge(name, END)
    try:
        with expecting(f"{said}. A reducer gets the old value and one update, in that order."):
            found: dict[str, Any] = builder.compile().invoke({"risks": []})
    except InvalidUpdateError as error:
        key = "score" if "'score'" in str(error) else "risks"
        raise Wrong(
            "no-reducer",
            f"{said} in one super-step, and LangGraph doesn't know how to merge `{key}`. Put a"
            " reducer last in its type: `Annotated[…, reducer]`.",
        ) from None
    return found
