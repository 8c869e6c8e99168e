"""What the vectors of `/v1/embeddings` are, and what the docstring says of them."""

import math
import re
from typing import Any

import httpx
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_openai import OpenAIEmbeddings

from practice_model import PracticeServer
from practice_model.server import embeddings
from practice_model.server.tokens import count, tokenize
from practice_model.tokenizer import tokenizer

MODEL = "text-embedding-3-small"
ROW = re.compile(r"^(.{30}) (.{32}) (\d\.\d\d)$", re.MULTILINE)


def vectors(client: openai.OpenAI, texts: Any, **more: Any) -> list[list[float]]:
    return [
        one.embedding for one in client.embeddings.create(model=MODEL, input=texts, **more).data
    ]


def cosine(first: list[float], second: list[float]) -> float:
    return sum(one * other for one, other in zip(first, second, strict=True))


def test_the_measured_cosines_are_those_of_the_docstring(client: openai.OpenAI) -> None:
    rows = ROW.findall(embeddings.__doc__ or "")
    assert len(rows) == 9
    for first, second, told in rows:
        one, other = vectors(client, [first.strip(), second.strip()])
        assert cosine(one, other) == pytest.approx(float(told), abs=0.006), (first, second)


@pytest.mark.parametrize("dimensions", [1, 64, 255, 256, 257, 1536])
def test_dimensions_keep_the_length_one(client: openai.OpenAI, dimensions: int) -> None:
    for vector in vectors(client, ["a red bicycle", "税法", "🙂", " "], dimensions=dimensions):
        assert len(vector) == dimensions
        assert math.sqrt(sum(number * number for number in vector)) == pytest.approx(1, abs=1e-6)


def test_larger_vectors_have_the_same_cosines(client: openai.OpenAI) -> None:
    texts = ["a red bicycle", "the blue bike", "tax law"]
    small, large = vectors(client, texts, dimensions=256), vectors(client, texts)
    for index in (1, 2):
        assert cosine(small[0], small[index]) == pytest.approx(
            cosine(large[0], large[index]), abs=1e-6
        )
    assert cosine(large[0], large[1]) > cosine(large[0], large[2])


def test_token_ids_are_read_as_its_own(client: openai.OpenAI) -> None:
    text = "a red bicycle"
    ids = tokenizer().encode(text, add_special_tokens=False).ids
    by_ids, by_text = vectors(client, [ids])[0], vectors(client, text)[0]
    assert by_ids == pytest.approx(by_text, abs=1e-6)
    assert vectors(client, [100_000, 7])[0] == vectors(client, [[100_000, 7]])[0]


def test_too_many_tokens_together(shared_server: PracticeServer) -> None:
    answer = httpx.post(
        f"{shared_server.base_url}/embeddings",
        json={"model": MODEL, "input": ["word " * 8_000] * 40},
        headers={"authorization": "Bearer practice"},
        timeout=60,
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "too_much_work"


def test_a_vector_store_finds_by_subject(server: PracticeServer) -> None:
    store = InMemoryVectorStore(
        OpenAIEmbeddings(
            model=MODEL,
            base_url=server.base_url,
            api_key="practice",
            check_embedding_ctx_length=False,
        )
    )
    notes = ["The kettle's lid is cracked.", "Ada prefers phone calls.", "The invoice is unpaid."]
    store.add_texts(notes)
    (found,) = store.similarity_search("How does Ada want to be reached by phone?", k=1)
    assert found.page_content == notes[1]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(max_size=60) | st.sampled_from(["<s></s><unk>", "\ud83d", "▁ ▁", "\r\n\x00"]))
def test_tokens_make_up_any_text(text: str) -> None:
    assert "".join(tokenize(text)) == text
    assert len(tokenize(text)) == count(text)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("for i in range(10):\n    print(i ** 2)\n", 1.5),
        ("今日は天気がいいので、公園へ行きました。", 3.5),
        ("1234567890", 3.5),
    ],
)
def test_code_digits_and_other_scripts_take_more_tokens_than_english(
    text: str, more: float
) -> None:
    english = "The weather is good today, so we went to the park and had lunch under the trees."
    assert count(text) / len(text) > more * count(english) / len(english)
