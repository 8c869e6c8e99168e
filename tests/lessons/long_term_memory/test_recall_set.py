"""The shipped set: 200 memories, 60 questions; recall, leaks and contradictions."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from tests.agent_patterns.longterm.stores import Vectors

from agent_patterns.longterm import open_memories
from agent_patterns.longterm.memories import Memories
from agent_patterns.longterm.memory import Memory
from courseware.runtime.paths import CODE

FILE = CODE / "courseware/lessons/long_term_memory/recall_set.toml"
SET: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
MEMORIES, QUESTIONS = SET["memories"], SET["questions"]
ANSWERED = [each for each in QUESTIONS if "answer" in each]


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def memories(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Memories]:
    folder = tmp_path_factory.mktemp("recall").as_posix()
    url = {"memory": "memory://", "sqlite": f"sqlite:///{folder}/m.db"}[request.param]
    with open_memories(url, Vectors()) as opened:
        for each in MEMORIES:
            mine = opened.of(each["user"])
            mine.put(each["text"], topic=each["topic"], said_at=2.0)
            if "earlier" in each:  # arrives later, was said before
                mine.put(each["earlier"], topic=each["topic"], said_at=1.0)
        yield opened


def test_the_set_is_what_it_says() -> None:
    texts = [each["text"] for each in MEMORIES]
    assert (len(texts), len(set(texts)), len(QUESTIONS)) == (200, 200, 60)
    assert {each["answer"] for each in ANSWERED} <= set(texts)
    assert all(each.get("answer") or each["why"] for each in QUESTIONS)
    owners = {each["text"]: each["user"] for each in MEMORIES}
    assert all(owners[each["answer"]] == each["user"] for each in ANSWERED)


def found(memories: Memories, question: dict[str, Any], **options: Any) -> list[Memory]:
    return memories.of(question["user"]).search(question["text"], **options)


@pytest.mark.parametrize(("k", "least"), [(1, 38), (3, 44), (5, 47), (25, 52)])
def test_recall_at_k(k: int, least: int, memories: Memories) -> None:
    hits = [e["answer"] in [m.text for m in found(memories, e, k=k)] for e in ANSWERED]
    assert sum(hits) == least, f"of {len(ANSWERED)}"


def test_no_question_gets_another_users_memory(memories: Memories) -> None:
    owners = {each["text"]: each["user"] for each in MEMORIES}
    leaks = [
        memory.text
        for each in QUESTIONS
        for memory in found(memories, each, k=200)
        if owners[memory.text] != each["user"]
    ]
    assert leaks == []
    assert all(len(found(memories, each, k=200)) == 25 for each in QUESTIONS)


def test_one_namespace_for_all_would_leak() -> None:
    """The control: the set is hard enough for a leak to show."""
    with open_memories("memory://", Vectors()) as shared:
        everybody = shared.of("everybody")
        everybody.put_many({"text": e["text"], "source": e["user"]} for e in MEMORIES)
        leaks = [
            memory
            for each in QUESTIONS
            for memory in everybody.search(each["text"], k=5)
            if memory.sources != (each["user"],)
        ]
    assert len(leaks) > 100


def test_what_no_longer_holds_is_never_found_and_not_lost(memories: Memories) -> None:
    earlier = {e["earlier"]: e for e in MEMORIES if "earlier" in e}
    assert len(earlier) >= 15
    for text, each in earlier.items():
        mine = memories.of(each["user"])
        assert text not in [memory.text for memory in mine.search(text, k=25)]
        kept = mine.get(each["topic"])
        assert kept is not None
        assert [said.text for said in kept.statements] == [each["text"], text]


def test_a_threshold_trades_answers_for_silence(memories: Memories) -> None:
    def counted(least: float) -> tuple[int, int]:
        hits = [
            e["answer"] in [m.text for m in found(memories, e, min_score=least)] for e in ANSWERED
        ]
        silent = [not found(memories, e, min_score=least) for e in QUESTIONS if "answer" not in e]
        return sum(hits), sum(silent)

    counts = [counted(step / 10) for step in range(6)]
    assert counts == [(47, 0), (47, 0), (41, 5), (37, 6), (34, 8), (31, 8)]
