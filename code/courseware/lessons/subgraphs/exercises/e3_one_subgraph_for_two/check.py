"""Check: One subgraph for two parents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from courseware.exercises import chance, expect
from courseware.lessons.subgraphs.exercises.common import Finding, draw_library


class _Shelf:
    """A search that counts, and can be out of order."""

    def __init__(self, library: dict[str, list[Finding]]) -> None:
        self.library, self.asked = library, list[str]()

    def __call__(self, question: str) -> list[Finding]:
        self.asked.append(question)
        return [found for word in question.split() for found in self.library.get(word, ())]


def check(build_parents: Callable[[Callable[[str], list[Finding]]], Any]) -> None:
    """Run both parents over a library that is drawn anew, and look for what they share."""
    draw = chance()
    shelf = _Shelf(draw_library(draw, 4, 6))
    made = build_parents(shelf)
    expect(
        isinstance(made, tuple | list) and len(made) == 2,
        "returns-no-pair",
        f"`build_parents` returned {type(made).__name__}. Return two compiled graphs: the blog"
        " writer and the e-mail responder.",
    )
    blog, mail = made
    expect(
        "topic" in getattr(blog, "channels", ()),
        "swaps-the-parents",
        "The first graph takes no `topic`. Return the blog writer first, then the mail responder.",
    )
    shared = [_subgraphs(graph, name) for graph, name in ((blog, "blog"), (mail, "mail"))]
    expect(
        shared[0] & shared[1],
        "still-two-copies",
        "Both parents have a subgraph, but not the same one. Build it once, and hand the same"
        " object to both: a fix in one copy must reach both parents.",
    )
    for word in draw.sample(sorted(shelf.library), 3):
        found = shelf.library[word]
        _check_blog(blog, shelf, word, found)
        _check_mail(mail, shelf, word, found)
    _check_nothing_found(blog, mail)


def _subgraphs(graph: Any, name: str) -> set[int]:
    found = {id(subgraph) for _, subgraph in graph.get_subgraphs()}
    expect(
        found,
        "no-subgraph",
        f"LangGraph finds no subgraph in the {name} graph (`graph.get_subgraphs()` is empty). The"
        " research belongs in a compiled graph of its own.",
    )
    return found


def _run(graph: Any, given: dict[str, str]) -> dict[str, Any]:
    """Return the last state of a run in which a subgraph has taken part."""
    parts = list(graph.stream(given, stream_mode="values", subgraphs=True))
    expect(
        any(namespace for namespace, _ in parts),
        "subgraph-stands-idle",
        "The subgraph is there, and no step of the run happened inside it. Let it do the search.",
    )
    state: dict[str, Any] = [values for namespace, values in parts if not namespace][-1]
    return state


def _check_blog(blog: Any, shelf: _Shelf, word: str, found: list[Finding]) -> None:
    before = len(shelf.asked)
    for _ in range(2):
        result = _run(blog, {"topic": word})
    _no_strangers(result, {"topic", "facts", "post"}, "blog writer")
    facts = [one["text"] for one in found]
    expect(
        result.get("facts") == facts,
        "blog-facts-differ",
        f"For the topic {word!r} the blog writer should have the facts {facts}, and has"
        f" {result.get('facts')!r}.",
    )
    expect(
        str(len(facts)) in str(result.get("post")) and word in str(result.get("post")),
        "blog-post-differs",
        f"The post on {word!r} says {result.get('post')!r}. It should name the topic and the number"
        f" of facts, {len(facts)}, as before.",
    )
    expect(
        len(shelf.asked) - before == 2,
        "searches-wrongly",
        f"Two posts on {word!r} searched {len(shelf.asked) - before} times. One search a run.",
    )


def _check_mail(mail: Any, shelf: _Shelf, word: str, found: list[Finding]) -> None:
    result = _run(mail, {"mail": f"Good morning!\n{word}"})
    _no_strangers(result, {"mail", "sources", "reply"}, "e-mail responder")
    sources = [one["source"] for one in found]
    expect(
        shelf.asked[-1] == word,
        "mail-asks-wrongly",
        f"The mail's last line is {word!r}, and the library was asked {shelf.asked[-1]!r}.",
    )
    expect(
        result.get("sources") == sources,
        "mail-sources-differ",
        f"The reply on {word!r} should cite {sources}, and cites {result.get('sources')!r}.",
    )
    expect(
        all(source in str(result.get("reply")) for source in sources),
        "mail-reply-differs",
        f"The reply says {result.get('reply')!r}. It should name its sources {sources}, as before.",
    )


def _check_nothing_found(blog: Any, mail: Any) -> None:
    result = blog.invoke({"topic": "unheard-of"})
    expect(
        result.get("facts") == [],
        "keeps-old-findings",
        f"Nothing is known of this topic, and the blog writer has {result.get('facts')!r}.",
    )
    expect(
        mail.invoke({"mail": "unheard-of"}).get("sources") == [],
        "keeps-old-findings",
        "Nothing is known of this question, and the reply cites sources.",
    )


def _no_strangers(result: Mapping[str, Any], known: set[str], parent: str) -> None:
    strange = sorted(set(result) - known)
    expect(
        not strange,
        "leaks-private-keys",
        f"The {parent}'s state holds {strange}. What the subgraph needs inside stays inside.",
    )
