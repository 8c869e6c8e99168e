"""Questions that mean the same: thresholds, false hits, scopes; public reports, by number."""

from __future__ import annotations

import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings
from langchain_core.outputs import Generation
from langgraph.cache.memory import InMemoryCache
from langgraph.cache.sqlite import SqliteCache
from langgraph.graph import START, StateGraph
from langgraph.types import CachePolicy

from agent_patterns.caching import (
    Cache,
    CacheError,
    SemanticCache,
    SqliteStore,
    cache_key,
)
from agent_patterns.caching.semantic import measure_thresholds, same_particulars


class WordBag(Embeddings):
    """Count words in buckets: near for shared words, blind to order and negation."""

    def embed_query(self, text: str) -> list[float]:
        vector = np.zeros(256)
        for word in text.lower().replace("?", " ").replace(".", " ").split():
            vector[zlib.crc32(word.encode()) % 256] += 1
        return vector.tolist()  # type: ignore[no-any-return]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]


SAME = ("How do I return a pen", "How do I return the pen")
OPPOSITE = ("Can I return opened ink", "Can I not return opened ink")
NUMBER = ("Is shipping free above 30 dollars", "Is shipping free above 80 dollars")
NAME = ("When does Marlow open", "When does Finch open")
PAIRS = [(*SAME, True), (*OPPOSITE, False), (*NUMBER, False), (*NAME, False)]


def test_a_threshold_alone_answers_the_opposite_question() -> None:
    cache: SemanticCache[str] = SemanticCache(WordBag(), threshold=0.7, guard=lambda *_: True)
    cache.add(OPPOSITE[0], "yes", "shop")
    match = cache.lookup(OPPOSITE[1], "shop")
    assert match is not None
    assert match.answer == "yes"  # wrong, and with a high score
    assert match.score > 0.9


@pytest.mark.parametrize("pair", [OPPOSITE, NUMBER, NAME])
def test_the_guard_sees_negations_numbers_and_names(pair: tuple[str, str]) -> None:
    cache: SemanticCache[str] = SemanticCache(WordBag(), threshold=0.5)
    cache.add(pair[0], "answer", "shop")
    assert cache.lookup(pair[1], "shop") is None
    assert cache.refused == 1
    assert cache.lookup(pair[0], "shop") is not None


@pytest.mark.parametrize(
    ("question", "other", "same"),
    [
        ("Two pens?", "2 pens?", True),
        ("two pens", "three pens", False),
        ("Can't I pay by card?", "Can I pay by card?", False),
        ("I can not pay", "I cannot pay", True),
        ("Return policy", "what is the return policy", True),
        ("Is Oslo in Norway?", "Norway: is Oslo in it", True),
        ("Anna's order", "Anna order", True),
        ("order for Anna", "order for Hannah", False),
        ("Open on Sundays?", "Open on a Sunday?", True),
        ("", "", True),
    ],
)
def test_particulars(question: str, other: str, same: bool) -> None:
    assert same_particulars(question, other) is same


@given(st.text(), st.text())
def test_particulars_are_symmetric_and_a_question_is_like_itself(one: str, other: str) -> None:
    assert same_particulars(one, one)
    assert same_particulars(one, other) == same_particulars(other, one)


def test_hits_and_false_hits_are_counted_with_and_without_the_guard() -> None:
    bare = measure_thresholds(WordBag(), PAIRS, [0.5, 0.99])
    assert [(row.hits, row.missed, row.false_hits) for row in bare] == [(1, 0, 3), (0, 1, 0)]
    guarded = measure_thresholds(WordBag(), PAIRS, [0.5], guard=same_particulars)
    assert [(row.hits, row.false_hits) for row in guarded] == [(1, 0)]


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=6).map(sorted))
def test_a_higher_threshold_never_hits_more(values: list[float]) -> None:
    rows = measure_thresholds(WordBag(), PAIRS, values)
    assert all(row.hits + row.missed == 1 for row in rows)
    for low, high in pairwise(rows):
        assert high.hits <= low.hits
        assert high.false_hits <= low.false_hits


def test_pairs_of_one_kind_measure_nothing() -> None:
    with pytest.raises(CacheError, match="both kinds"):
        measure_thresholds(WordBag(), [(*SAME, True)], [0.9])


@pytest.mark.parametrize("threshold", [0, -1, 1.1])
def test_a_threshold_that_is_no_cosine_is_refused(threshold: float) -> None:
    with pytest.raises(CacheError, match="cosine"):
        SemanticCache(WordBag(), threshold=threshold)


async def test_scopes_do_not_answer_for_each_other_and_answers_expire() -> None:
    now = [0.0]
    cache: SemanticCache[str] = SemanticCache(
        WordBag(), threshold=0.8, ttl=10, clock=lambda: now[0]
    )
    runs: list[str] = []

    async def ask(question: str, scope: str) -> str:
        async def compute() -> str:
            runs.append(scope)
            return f"{scope}: {question}"

        return await cache.get_or_compute(question, scope, compute)

    assert await ask("where is my parcel", "ann") == "ann: where is my parcel"
    assert await ask("where is my parcel now", "ann") == "ann: where is my parcel"
    assert await ask("where is my parcel", "bob") == "bob: where is my parcel"
    now[0] = 10.0
    await ask("where is my parcel", "ann")
    assert runs == ["ann", "bob", "ann"]
    assert (cache.hits, cache.misses) == (1, 3)


def test_the_oldest_answers_go_first() -> None:
    cache: SemanticCache[str] = SemanticCache(WordBag(), threshold=0.9, max_entries=2)
    for word in ("ink", "pen", "paper"):
        cache.add(word, word, "s")
    assert [bool(cache.lookup(word, "s")) for word in ("ink", "pen", "paper")] == [
        False,
        True,
        True,
    ]


# https://github.com/langchain-ai/langchain-redis/issues/22
def test_report_redis_22_a_similarity_of_one_tenth_does_not_answer_everything() -> None:
    # There 0.9 was a *distance*: "What is 1+1?" answered "Tell me one joke".
    cache: SemanticCache[str] = SemanticCache(WordBag(), threshold=0.9)
    cache.add("What is 1+1?", "2", "m")
    assert cache.lookup("Tell me one joke", "m") is None
    assert cache.lookup("What is 21+1?", "m") is None
    assert cache.lookup("What is 1+1?", "m") is not None


# https://github.com/BerriAI/litellm/issues/12234
def test_report_litellm_12234_different_questions_get_different_answers() -> None:
    embeddings = DeterministicFakeEmbedding(size=64)
    cache: SemanticCache[str] = SemanticCache(embeddings, threshold=0.8)
    questions = ["Hello world", "What is 1+1?", "How's the weather?", "Who are you?"]
    for question in questions:
        assert cache.lookup(question, "m") is None
        cache.add(question, question, "m")
    for question in questions:
        match = cache.lookup(question, "m")
        assert match is not None
        assert match.answer == question


# https://github.com/langchain-ai/langchain/issues/29517
def test_report_29517_two_ways_to_ask_are_one_scope() -> None:
    # There the scope was made from the question itself, so that nothing ever matched.
    scope = cache_key("", model="m", parameters={}, tools=[], user="*")
    cache: SemanticCache[str] = SemanticCache(WordBag(), threshold=0.6)
    cache.add("What is the capital of France?", "Paris", scope)
    match = cache.lookup("Can you tell me what is the capital city of France?", scope)
    assert match is not None
    assert match.answer == "Paris"


class Asked(TypedDict, total=False):
    q: str
    out: str


def cached_graph(node: Any, cache: Any, name: str = "node", **policy: Any) -> Any:
    builder = StateGraph(Asked).add_node(name, node, cache_policy=CachePolicy(**policy))
    return builder.add_edge(START, name).compile(cache=cache)


class Answerer:
    def __init__(self, says: str) -> None:
        self.says = says

    def __call__(self, state: Any) -> dict[str, str]:
        return {"out": self.says}


# https://github.com/langchain-ai/langgraph/issues/8753
def test_report_8753_two_graphs_on_one_cache_keep_their_answers_apart() -> None:
    shared = InMemoryCache[Any]()
    answers = [
        cached_graph(Answerer(says), shared).invoke({"q": "ink"})["out"] for says in ("A", "B")
    ]
    assert answers == ["A", "A"]  # LangGraph's default key: the wrong answer
    shared = InMemoryCache()

    def by(model: str) -> Any:
        def name(state: Any) -> str:
            return cache_key(state["q"], model=model, parameters={}, tools=[], user="*")

        return name

    answers = [
        cached_graph(Answerer(says), shared, key_func=by(says)).invoke({"q": "ink"})["out"]
        for says in ("A", "B")
    ]
    assert answers == ["A", "B"]


# https://github.com/langchain-ai/langgraph/issues/8009
def test_report_8009_values_with_the_same_bytes_are_not_one_key() -> None:
    raw = b"\xc8"
    unsigned, signed = np.frombuffer(raw, np.uint8), np.frombuffer(raw, np.int8)
    keys = [
        cache_key(array.tolist(), model="m", parameters={}, tools=[], user="*")
        for array in (unsigned, signed)
    ]
    assert keys[0] != keys[1]
    with pytest.raises(CacheError, match="is a ndarray"):
        cache_key(unsigned, model="m", parameters={}, tools=[], user="*")


# https://github.com/langchain-ai/langgraph/issues/8660
async def test_report_8660_a_comma_in_a_name_breaks_no_look_up(tmp_path: Path) -> None:
    graph = cached_graph(
        Answerer("A"), SqliteCache(path=str(tmp_path / "lg.sqlite")), "foo,bar", ttl=120
    )
    graph.invoke({"q": "ink"})
    with pytest.raises(KeyError):  # still so in LangGraph's file cache
        graph.invoke({"q": "ink"})
    with SqliteStore(tmp_path / "ours.sqlite") as store:
        store.put("foo,bar", "A", None)
        assert store.get("foo,bar", 0) == ("A",)


# https://github.com/langchain-ai/langchain/issues/5965
async def test_report_5965_a_file_keeps_all_that_memory_keeps(tmp_path: Path) -> None:
    generation = Generation(text="4", generation_info={"logprobs": [-0.1], "finish": "stop"})

    async def compute() -> Any:
        return [generation]

    with SqliteStore(tmp_path / "cache.sqlite") as store:
        cache: Cache[Any] = Cache(store)
        await cache.get_or_compute("k", compute)
        assert await cache.get("k") == ([generation],)
