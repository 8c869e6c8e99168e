"""The library is found by its words, and a claim that no document bears out is found too."""

from __future__ import annotations

import json

import pytest

from courseware.library import (
    claims,
    library,
    read_document,
    rubric,
    search,
    search_library,
    unsupported,
    word_count,
)


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("How long does delivery to Europe take?", "ship-02"),
        ("Which ink suits left-handed writers?", "ink-02"),
        ("Who approves a large refund?", "ret-02"),
        ("how much water does recycled paper need", "paper-02"),
        ("opening hours of customer service", "cs-01"),
        ("my parcel arrived damaged", "ship-03"),
        ("cleaning a pen", "pen-02"),
        ("initials on a notebook", "gift-01"),
    ],
)
def test_the_best_document_comes_first(query: str, best: str) -> None:
    assert search(query)[0].id == best


def test_nothing_is_found_where_no_word_occurs() -> None:
    assert search("dinosaurs") == []
    assert json.loads(search_library.invoke({"query": "dinosaurs"})) == []


def test_the_tools_give_ids_to_cite() -> None:
    found = json.loads(search_library.invoke({"query": "drying time of ink"}))
    assert found[0]["id"] == "ink-02"
    assert read_document.invoke({"document_id": "ink-02"}).startswith("[ink-02] Drying times")
    assert "Known ids: cs-01" in read_document.invoke({"document_id": "ink-99"})


def test_every_document_has_facts_worth_citing() -> None:
    assert len(library()) >= 15
    for document in library().values():
        assert document.title
        assert 3 <= len(document.sentences) <= 6
        assert not unsupported(" ".join(f"{s[:-1]} [{document.id}]." for s in document.sentences))


@pytest.mark.parametrize(
    "text",
    [
        "Delivery within the country takes two working days.",
        "Delivery within the country takes nine working days [ship-02].",
        "Delivery within the country takes two working days [ship-01].",
        "Delivery within the country takes two working days [ship-99].",
        "The warehouse is guarded by geese at night [ship-01].",
        "A parcel within the country costs 4.90 euros [ship-01].",
    ],
)
def test_an_unsupported_claim_is_found(text: str) -> None:
    assert len(unsupported(text)) == 1
    assert rubric(text).supported == 0


@pytest.mark.parametrize(
    "text",
    [
        "Delivery within the country takes two working days [ship-02].",
        "Delivery within the country takes two working days. [ship-02] Thank you for asking.",
        "Hello Bo,\n\nDelivery takes two working days [ship-02].\n\nBest regards",
        "The sources say nothing about geese.",
    ],
)
def test_a_supported_text_passes(text: str) -> None:
    assert unsupported(text) == []


def test_the_rubric_is_computed_from_the_text() -> None:
    good = "Dye inks dry in about ten seconds [ink-02]. The shop sells twelve dye inks [ink-01]."
    assert rubric(good, points=["dye inks dry"], sources=2, max_words=30).total == 1
    judged = rubric(good, points=["dye inks dry", "refunds"], sources=4, max_words=12)
    assert (judged.cited, judged.covered, judged.supported) == (0.5, 0.5, 1.0)
    assert judged.fits == 12 / 13
    assert len(claims(good)) == 2


def test_the_ids_that_a_text_cites_are_no_words_of_it() -> None:
    assert word_count("Ink dries [ink-01, ink-02]. It does [ink-01].") == 4
    assert word_count("") == 0
