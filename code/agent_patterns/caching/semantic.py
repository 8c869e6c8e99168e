"""Answer a question with the answer to one like it, and measure how often that is wrong.

A semantic cache compares meanings by the cosine of two embeddings.  Embeddings place a question
near its opposite ("can I" and "can't I return ink"), so a threshold alone answers some questions
with the answer to another: a false hit.  `measure_thresholds()` counts hits and false hits on
pairs of questions that you have judged; `same_particulars()` refuses what it can see is another
question, whatever the score.
"""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from agent_patterns.caching.store import CacheError

Value = TypeVar("Value")
Vector = NDArray[np.float64]

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORDS = tomllib.loads((Path(__file__).parent / "particulars.toml").read_text(encoding="utf-8"))
_NUMBERS = {word: str(number) for number, word in enumerate(_WORDS["numbers"].split())}
_NEGATIONS = frozenset(_WORDS["negations"].split())
_OPENERS = frozenset(_WORDS["openers"].split())


def same_particulars(question: str, other: str) -> bool:
    """Return False if two questions differ in a number, in a name, or in being negated.

    It errs on the side of a miss: a capitalised word that only one question has counts as a name.
    """
    return (
        _numbers(question) == _numbers(other)
        and _negations(question) % 2 == _negations(other) % 2
        and _names(question, other) == _names(other, question)
    )


def _numbers(text: str) -> list[str]:
    words = (_NUMBERS.get(word.lower()) for word in _WORD.findall(text))
    return sorted([*_NUMBER.findall(text), *(word for word in words if word)])


def _negations(text: str) -> int:
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    return sum(word in _NEGATIONS or word.endswith("n't") for word in words)


def _names(text: str, other: str) -> set[str]:
    lower_elsewhere = {word for word in _WORD.findall(other) if word.islower()}
    return {
        word.lower().replace("’", "'").removesuffix("'s").removesuffix("s")
        for word in _WORD.findall(text)
        if word[0].isupper()
        and word.lower() not in _OPENERS
        and word.lower() not in _NUMBERS
        and word.lower() not in lower_elsewhere
        and not word.lower().endswith(("n't", "n’t"))
    }


@dataclass(frozen=True)
class Match(Generic[Value]):
    """A kept question that is near enough.

    Attributes:
        question: the question that was answered then.
        score: the cosine of the two questions, from -1 to 1.
        answer: the answer it got.
    """

    question: str
    score: float
    answer: Value


class SemanticCache(Generic[Value]):
    """Keep answers by the meaning of their question.

    Args:
        embeddings: any LangChain embeddings.
        threshold: the cosine from which a question counts as the same; measure it with
            `measure_thresholds()` on questions of your own.
        guard: a last look at the two questions; by default `same_particulars`.
        ttl: seconds an answer is good for; None: for ever.
        max_entries: how many answers are kept for a scope; the oldest go first.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        embeddings: Embeddings,
        *,
        threshold: float,
        guard: Callable[[str, str], bool] = same_particulars,
        ttl: float | None = None,
        max_entries: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0 < threshold <= 1:
            raise CacheError("threshold is a cosine above 0 and up to 1")
        self.hits = self.misses = self.refused = 0
        self._embeddings, self._threshold, self._guard = embeddings, threshold, guard
        self._ttl, self._most, self._clock = ttl, max_entries, clock
        self._entries: dict[str, list[tuple[str, Vector, Value, float]]] = {}

    def lookup(self, question: str, scope: str) -> Match[Value] | None:
        """Return the nearest kept answer, or None if none is near enough and passes the guard.

        Args:
            question: what is asked.
            scope: what the answer depends on besides the question: `cache_key()` of the model,
                its parameters and tools, and the user. Scopes never answer for each other.
        """
        return self._nearest(question, self._vector(question), scope)

    async def get_or_compute(
        self, question: str, scope: str, compute: Callable[[], Awaitable[Value]]
    ) -> Value:
        """Return the answer to a question like this one; compute and keep one if there is none."""
        vector = _unit(await self._embeddings.aembed_query(question))
        if match := self._nearest(question, vector, scope):
            return match.answer
        answer = await compute()
        self._add(question, vector, answer, scope)
        return answer

    def add(self, question: str, answer: Value, scope: str) -> None:
        """Keep an answer."""
        self._add(question, self._vector(question), answer, scope)

    def clear(self) -> None:
        """Delete all answers."""
        self._entries.clear()

    def _vector(self, question: str) -> Vector:
        return _unit(self._embeddings.embed_query(question))

    def _add(self, question: str, vector: Vector, answer: Value, scope: str) -> None:
        entries = self._entries.setdefault(scope, [])
        entries.append((question, vector, answer, self._clock()))
        del entries[: max(0, len(entries) - self._most)]

    def _nearest(self, question: str, vector: Vector, scope: str) -> Match[Value] | None:
        entries = self._entries.get(scope, [])
        if self._ttl is not None:
            oldest = self._clock() - self._ttl
            entries[:] = [entry for entry in entries if entry[3] > oldest]
        refused = False
        if entries:
            scores = np.stack([entry[1] for entry in entries]) @ vector
            for at in np.argsort(-scores):
                if scores[at] < self._threshold:
                    break
                kept, _, answer, _ = entries[at]
                if self._guard(question, kept):
                    self.hits += 1
                    return Match(kept, float(scores[at]), answer)
                refused = True
        self.misses += 1
        self.refused += refused
        return None


def _unit(vector: Sequence[float]) -> Vector:
    array = np.asarray(vector, dtype=np.float64)
    length = float(np.linalg.norm(array))
    return array / length if length else array


@dataclass(frozen=True)
class Threshold:
    """Count what one threshold does to judged pairs of questions.

    Attributes:
        value: the cosine from which two questions count as the same.
        hits: pairs with the same answer that it would answer from the cache.
        missed: pairs with the same answer that it would compute again.
        false_hits: pairs with different answers that it would answer wrongly.
    """

    value: float
    hits: int
    missed: int
    false_hits: int


def measure_thresholds(
    embeddings: Embeddings,
    pairs: Iterable[tuple[str, str, bool]],
    values: Sequence[float],
    *,
    guard: Callable[[str, str], bool] = lambda question, other: True,
) -> list[Threshold]:
    """Count hits and false hits for every threshold.

    Args:
        embeddings: those of the cache.
        pairs: two questions, and True if they have the same answer.
        values: the thresholds to try.
        guard: the guard of the cache, to see what it adds; by default none.

    Raises:
        CacheError: there are no pairs of one of the two kinds, so nothing would be measured.
    """
    judged = list(pairs)
    if {same for _, _, same in judged} != {True, False}:
        raise CacheError("measure on pairs of both kinds: with the same answer, and with another")
    vectors = embeddings.embed_documents([text for pair in judged for text in pair[:2]])
    scored: list[tuple[float, bool]] = []
    for at, (question, other, same) in enumerate(judged):
        cosine = float(_unit(vectors[2 * at]) @ _unit(vectors[2 * at + 1]))
        scored.append((cosine if guard(question, other) else -2.0, same))
    return [_counted(value, scored) for value in values]


def _counted(value: float, scored: Sequence[tuple[float, bool]]) -> Threshold:
    def count(same: bool, above: bool) -> int:
        return sum(one is same and (score >= value) is above for score, one in scored)

    return Threshold(value, count(True, True), count(True, False), count(False, True))
