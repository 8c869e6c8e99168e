"""The library is found by its words, and a claim that no document bears out is found too."""

from __future__ import annotations

import json

import pytest

from courseware.lessons.shop import (
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


@pytest.mark.parametrize(
    "text",
    [
        "High-quality inks cost 99 euros and are made by geese.",
        "History shows that parcels cost 77 euros",
        "Kindergartens get a discount of 30 percent",
        "Best of all, delivery costs nothing",
        "If you order at night, delivery within the country costs 1 euro",
        "Hello geese cost 99 euros a piece.",
        "Hi, parcels to Europe cost 1 euro.",
        "Please note that all parcels travel free of charge.",
        "As a next step, order now and save 30 percent.",
        "Thank you for your order, delivery costs 2 euros.",
        "Warm regards from the factory where geese make ink.",
        "The sources do not say so, but delivery costs 1 euro.",
        "The sources are clear that delivery costs 1 euro.",
    ],
)
def test_no_claim_hides_behind_a_greeting_or_a_courtesy(text: str) -> None:
    assert [claim.text for claim in unsupported(text)] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "Dear Sir or Madam,",
        "Hello Bo,",
        "Best regards, Tomás",
        "Warm regards,",
        "Yours sincerely",
        "As a next step, please write to us with any question.",
        "Please contact us when you need to know more.",
        "If you would like to know more, just ask us.",
        "If there is anything else, just reply to this message.",
        "No source was found on unknown things here.",
        "My search found nothing about parcels of 2.5 kilograms.",
        "The sources found do not say why volcanoes erupt.",
        "The sources say nothing about geese.",
        "No source was found on whales, so nothing is claimed about it here.",
        "Thank you for your message about parcels.",
        "# Delivery within the country",
    ],
)
def test_greetings_requests_and_what_is_said_of_the_sources_claim_nothing(text: str) -> None:
    assert claims(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Warm water should be used to rinse a fountain pen [pen-02]",
        "Delivery within the country takes four working days [ship-02].",
        "Customers may not return unused goods within thirty days [ret-01].",
        "Refunds above 50 euros are approved by Ines [ret-02].",
        "Parcels within the country cost 8.50 euros [ship-01].",
        "Parcels within the country cost 8.50 [ship-01].",
        "Pigment inks are easy to wash out of a pen [ink-01].",
        "Gift wrapping takes one working day longer [gift-01].",
        "Gift wrapping costs 6.00 euros [gift-01].",
        "A fountain pen should be rinsed with warm water every six weeks [pen-02].",
        "Ines approves refunds above 50 euros [ret-02].",
        "Parcels cost 8.50 euros within the country and 3.90 euros to Europe [ship-01].",
        "Personalised notebooks can be returned [ret-01].",
        "Delivery to Norway takes four to six working days [ship-02].",
        "The refund is paid within thirty days [ret-01].",
    ],
)
def test_a_claim_that_its_source_contradicts_is_found(text: str) -> None:
    assert len(unsupported(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Delivery to Europe takes four to six working days [ship-02].",
        "Delivery within the country takes two working days, to Europe four to six [ship-02].",
        "Parcels to Europe cost 8.50 euros [ship-01].",
        "Shipping within the country is free for orders above 60 euros [ship-01].",
        "Report damage within ten days with a photo of the parcel and the contents [ship-03].",
        "Returns are accepted within thirty days of delivery [ret-01].",
        "Our customer service team answers Monday to Friday [cs-01].",
        "Refunds of more than 50 euros must be approved by Priya [ret-02].",
        "Lost parcels are replaced or refunded [ship-03].",
        "The fast-drying blue ink dries in four seconds [ink-02].",
        "Pigment inks take about twenty seconds to dry on paper of 100 grams [ink-02].",
        "Parcels cost 3.90 euros within the country and 8.50 euros to Europe [ship-01].",
        "Both papers are free of acid [paper-02].",
        "Pigment inks resist water and light [ink-01].",
        "Notebooks are made of paper of 100 grams [paper-01].",
        "Dye inks dry in ten seconds on paper of 100 grams [ink-02].",
        "Customer service at Marlow & Finch may refund up to 50 euros [ret-02].",
        "Refunds up to 50 euros need no approval [ret-02].",
        "Personalised notebooks can't be returned unless they are faulty [ret-01].",
        "Ines is the owner and approves refunds above 500 euros [ret-02].",
    ],
)
def test_a_claim_in_other_words_than_its_source_passes(text: str) -> None:
    assert unsupported(text) == []


def test_what_a_page_says_it_lacks_is_no_claim() -> None:
    assert claims("I found nothing about drying times of inks.") == []
    assert claims("Note: Not done: Mention drying times of inks and refunds.") == []
    assert len(claims("Note: Inks dry in four seconds on this paper.")) == 1
