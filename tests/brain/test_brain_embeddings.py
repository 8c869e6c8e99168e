"""Paraphrases of everyday subjects lie closer than strangers; the pairs are held out."""

import math

import pytest

from practice_model.brain import embed

PAIRS = [
    ("How do I reset my password?", "I forgot my login credentials"),
    ("Where is my parcel?", "My package has not been delivered"),
    ("I want my money back", "Please refund my purchase"),
    ("The app keeps crashing", "The software fails with an error"),
    ("What a lovely puppy", "Our dog is adorable"),
    ("Will it rain tomorrow?", "The weather forecast for the next day"),
    ("I was charged twice", "The invoice shows a double payment"),
    ("We booked a hotel in Spain", "Our accommodation for the holiday"),
    ("She plays the guitar", "A song with piano and violin"),
    ("The doctor gave me medicine", "I am ill and need a nurse"),
    ("He drives a fast car", "The vehicle's engine"),
    ("Let us schedule a meeting", "Plan an appointment in the calendar"),
    ("I like to cook pasta", "My favourite recipe for dinner"),
    ("The team won the match", "A goal in the last football game"),
    ("Our teacher gave us homework", "The students study for the exam"),
    ("Cheap flights to Rome", "An airline ticket for the trip"),
    ("My flat has two bedrooms", "The rent of the apartment"),
    ("The server went down", "An outage of the host"),
    ("Ships cross the ocean", "A boat sails over the sea"),
    ("Roses grow in the garden", "Plant the flowers in good soil"),
]


def _cosine(a: str, b: str) -> float:
    return math.fsum(x * y for x, y in zip(embed(a), embed(b), strict=True))


def test_most_paraphrases_are_closer_than_every_stranger() -> None:
    closest = 0
    for index, (one, other) in enumerate(PAIRS):
        near = _cosine(one, other)
        far = [_cosine(one, b) for number, (_, b) in enumerate(PAIRS) if number != index]
        closest += near > max(far)
    assert closest >= 0.8 * len(PAIRS), closest


def test_paraphrases_are_closer_than_strangers_on_average() -> None:
    near = [_cosine(a, b) for a, b in PAIRS]
    far = [_cosine(PAIRS[i][0], PAIRS[j][1]) for i in range(20) for j in range(20) if i != j]
    assert sum(near) / len(near) > 2 * abs(sum(far) / len(far))


@pytest.mark.parametrize("dimensions", [1, 8, 256, 1536])
@pytest.mark.parametrize("text", ["", "the of and", "Hello there", "你好", "!!!"])
def test_vectors_have_length_one(text: str, dimensions: int) -> None:
    vector = embed(text, dimensions)
    assert len(vector) == dimensions
    assert math.isclose(math.fsum(x * x for x in vector), 1.0, rel_tol=1e-9)


def test_case_and_small_words_matter_little() -> None:
    assert _cosine("The parcel is late", "parcel late") > 0.95


WITHOUT_A_COMMON_WORD = [
    ("It is raining heavily", "There is a downpour outside"),
    ("We packed our suitcases", "The luggage weighs a lot"),
    ("My tooth aches", "She saw the dentist"),
    ("The toddler is crying", "A newborn needs milk"),
    ("His wages are low", "She hopes for a better salary"),
    ("Our landlord wants more", "The tenant pays on Monday"),
    ("The striker missed", "A goalkeeper caught the ball"),
    ("I fried some eggs", "Put the pan on the stove"),
    ("The router is broken", "There is no wifi here"),
    ("Somebody robbed the jeweller", "The police caught a burglar"),
    ("Grandma turned eighty", "My grandfather tells stories"),
    ("Lightning struck a barn", "Thunder woke us"),
    ("The exam was hard", "Pupils fear the quiz"),
    ("She resigned in May", "He quit after a week"),
]


def test_everyday_paraphrases_without_a_common_word_are_no_strangers() -> None:
    for one, other in WITHOUT_A_COMMON_WORD:
        assert _cosine(one, other) > 0.1, (one, other)
    closest = 0
    for index, (one, other) in enumerate(WITHOUT_A_COMMON_WORD):
        rest = [b for number, (_, b) in enumerate(WITHOUT_A_COMMON_WORD) if number != index]
        closest += _cosine(one, other) > max(_cosine(one, b) for b in rest)
    assert closest >= len(WITHOUT_A_COMMON_WORD) - 2
