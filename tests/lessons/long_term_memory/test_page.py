"""What a learner tries on the page besides what it says."""

from __future__ import annotations

import pytest
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

from agent_patterns.longterm import MemoryWriter, open_memories
from agent_patterns.testing import FakeClock
from courseware import connect

TOPICS = {"address": "address, home", "ink": "ink, colour of ink", "nothing": "order, parcel"}
SAID = [
    (["I prefer green ink.", "Actually, I prefer violet ink."], "Actually, I prefer violet ink."),
    (["I prefer violet ink.", "I prefer green ink."], "I prefer green ink."),
    (["I prefer green ink. I prefer violet ink. I prefer green ink."], "I prefer green ink."),
    (["I prefer green ink.", "Which ink do I prefer?"], "I prefer green ink."),
    (["I prefer green ink. No, I prefer black ink."], "No, I prefer black ink."),
    (["My address is 9 Pier Road, Hull.", "My home is in Leeds now."], "My home is in Leeds now."),
]


@pytest.mark.parametrize(("said", "holds"), SAID)
def test_what_is_said_later_in_one_conversation_holds(said: list[str], holds: str) -> None:
    course = connect(live=False)
    embeddings = OpenAIEmbeddings(model=course.embedding_model, check_embedding_ctx_length=False)
    with open_memories("memory://", embeddings, clock=FakeClock(1_790_000_000)) as memories:
        writer = MemoryWriter(memories, ChatOpenAI(model=course.model), topics=TOPICS)
        writer.graph.invoke({"user": "u-4711", "said": said, "source": "thread-1"})
        assert [each.text for each in memories.of("u-4711").all()] == [holds]
