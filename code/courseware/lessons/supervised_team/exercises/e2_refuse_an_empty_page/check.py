"""Check: Refuse an empty page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from courseware.exercises import Wrong, chance, expect


def check(status_of: Callable[[str, set[str]], str]) -> None:
    """Show pages with drawn ids, each kind of page twice."""
    draw = chance()
    for _ in range(2):
        words = draw.sample(("atlas", "glue", "stamp", "seal", "map", "frost"), 4)
        known = [f"{word}-{draw.randint(10, 99)}" for word in words]
        plain = draw.choice(("tea", "green-tea", "bees"))
        ids, stranger = {*known[:3], plain}, known[3]
        one, two, _three = known[:3]
        _says(status_of, "", ids, "no source", "accepts-an-empty-page")
        nothing = "I found nothing about it. Please contact us if you have any questions."
        _says(status_of, nothing, ids, "no source", "accepts-a-page-without-sources")
        bare = f"Ask for {one} at the desk. Please write to us."
        _says(status_of, bare, ids, "no source", "takes-a-mention-for-a-citation")
        _says(status_of, f"Glue dries. [{one}]", ids, "done", "refuses-a-good-page")
        both = f"Glue dries. [{one}] Stamps stick. [{two}]"
        _says(status_of, both, ids, "done", "refuses-a-good-page")
        _says(status_of, f"Glue dries. [{one}, {two}]", ids, "done", "misses-shared-brackets")
        _says(status_of, f"Glue dries. [{stranger}]", ids, "no source", "trusts-any-id")
        mixed = f"Glue dries. [{one}] Frost melts. [{stranger}]"
        _says(status_of, mixed, ids, "no source", "is-content-with-one-good-id")
        shared = f"Glue dries. [{one}, {stranger}]"
        _says(status_of, shared, ids, "no source", "is-content-with-one-good-id")
        _says(status_of, f"Frost. [{stranger}]", {stranger}, "done", "refuses-a-good-page")
        _says(status_of, f"Steep it. [{plain}]", ids, "done", "knows-ids-by-their-shape")
        odd = f"Glue dries. [{one}] Cocoa melts. [cocoa]"
        _says(status_of, odd, ids, "no source", "knows-ids-by-their-shape")


_WHY = {
    "accepts-an-empty-page": "An empty page claims nothing and informs nobody.",
    "accepts-a-page-without-sources": "The page is polite and cites nothing.",
    "takes-a-mention-for-a-citation": "The id stands in the text without brackets.",
    "refuses-a-good-page": "Every citation is one of `ids`.",
    "misses-shared-brackets": "One pair of brackets may hold several ids, separated by commas.",
    "trusts-any-id": "The id looks right, but `ids` doesn't have it: nobody can look it up.",
    "knows-ids-by-their-shape": (
        "An id needs no dash and no number: whatever stands in square brackets is a citation, and"
        " `ids` says which are good."
    ),
    "is-content-with-one-good-id": "One of the cited ids isn't in `ids`.",
}


def _says(
    status_of: Callable[[str, set[str]], Any],
    page: str,
    ids: set[str],
    wanted: str,
    misconception: str,
) -> None:
    said = status_of(page, set(ids))
    if said is None:
        raise Wrong("returns-nothing", "`status_of` returned None: end it with `return`.")
    expect(
        said in ("done", "no source"),
        "another-status",
        f"`status_of` returned {said!r}; the two answers are 'done' and 'no source'.",
    )
    expect(
        said == wanted,
        misconception,
        f"The ids are {sorted(ids)} and the page is {page!r}. You said {said!r}, and it should be"
        f" {wanted!r}. {_WHY[misconception]}",
    )
