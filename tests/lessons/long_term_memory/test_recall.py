"""What the page says about the plot of recall and leaks, and that the plot shows the library."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from langchain_openai import OpenAIEmbeddings

from agent_patterns.longterm import open_memories
from courseware import connect
from courseware.lessons.long_term_memory import recall
from courseware.lessons.long_term_memory.recall import (
    DISTANCE,
    MOST_K,
    OURS,
    SHARED,
    THRESHOLDS,
    Measurement,
    recall_plot,
)


@pytest.fixture(scope="module")
def embeddings() -> OpenAIEmbeddings:
    model = connect(live=False).embedding_model
    return OpenAIEmbeddings(model=model, check_embedding_ctx_length=False)


@pytest.fixture(scope="module")
def measured(embeddings: OpenAIEmbeddings) -> Measurement:
    return Measurement(embeddings)


def test_a_namespace_each_never_leaks_and_holds_nothing_outdated(measured: Measurement) -> None:
    for k in range(1, MOST_K + 1):
        for threshold in THRESHOLDS:
            each = measured.at(OURS, k, threshold)
            assert (each.leaks, each.leaked, each.outdated) == (0, 0, 0)


def test_one_for_everybody_leaks_also_above_a_high_threshold(measured: Measurement) -> None:
    assert measured.at(SHARED, 3, 0.5).leaked > 1 / 3
    assert measured.at(SHARED, 3, 0.3).outdated > 0
    ours, theirs = (measured.at(way, 3, 0.3).recall for way in (OURS, SHARED))
    assert theirs == pytest.approx(ours, abs=0.05), "the page says that recall does not show it"


def test_k_brings_recall_and_the_threshold_silence(measured: Measurement) -> None:
    found = [measured.at(OURS, k, 0.0).recall for k in range(1, MOST_K + 1)]
    assert found == sorted(found)
    assert found[4] > found[0] + 0.1
    assert measured.at(OURS, 3, 0.0).silent == 0
    assert measured.at(OURS, 3, 0.4).silent == 1
    assert measured.at(OURS, 3, 0.4).recall < measured.at(OURS, 3, 0.0).recall - 0.1


def test_a_distance_as_score_finds_the_farthest(measured: Measurement) -> None:
    assert measured.at(DISTANCE, 3, 0.3).recall < 0.05


def test_the_plot_shows_what_the_library_finds(
    measured: Measurement, embeddings: OpenAIEmbeddings
) -> None:
    told = tomllib.loads((Path(recall.__file__).parent / "recall_set.toml").read_text("utf-8"))
    with open_memories("memory://", embeddings) as memories:
        for user in {each["user"] for each in told["memories"]}:
            mine = [each for each in told["memories"] if each["user"] == user]
            memories.of(user).put_many([{"text": each["text"]} for each in mine])
        asked = [each for each in told["questions"] if "answer" in each]
        right = sum(
            any(found.text == each["answer"] for found in
                memories.of(each["user"]).search(each["text"], k=3, min_score=0.3))
            for each in asked
        )  # fmt: skip
    assert measured.at(OURS, 3, 0.3).recall == right / len(asked)


def test_the_picture_and_its_words_answer_to_the_sliders(embeddings: OpenAIEmbeddings) -> None:
    plot = recall_plot(embeddings, k=(1, 10, 3), threshold=(0.0, 0.8, 0.3, 0.02))
    before = plot.text(), plot.svg
    plot.sliders["k"].value = 5
    plot.sliders["threshold"].value = 0.4
    assert "k = 5, threshold 0.40" in plot.text()
    assert "k = 5" in plot.svg
    assert (plot.text(), plot.svg) != before
