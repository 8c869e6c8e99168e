"""Lesson 03: the conversation, the four memories, the plot, the fifty tools, the program."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import trim_messages

from agent_patterns.loops import repair_transcript
from agent_patterns.memory import TokenCounter
from courseware.lessons.conversation_memory.fifty_tools import fifty_tools
from courseware.lessons.conversation_memory.memories import TURNS, simulate
from courseware.lessons.conversation_memory.plot import memory_plot
from courseware.lessons.conversation_memory.talk import FACTS, recall, talk
from courseware.runtime.paths import CODE

count = TokenCounter(lambda text: len(text) // 3)


def forgetful() -> FakeListChatModel:
    return FakeListChatModel(responses=["The customer asked about paper and ink."])


def test_the_conversation_is_valid_and_tells_each_fact_once() -> None:
    messages = talk()
    assert repair_transcript(messages).changes == ()
    assert talk() == messages
    for fact in FACTS.values():
        assert sum(fact in message.text for message in messages) == 1
    assert recall(messages, 60) == 1.0
    assert recall([], 60) == 0.0
    assert recall([], 0) == 1.0


def test_the_naive_cut_of_the_page_begins_with_a_result() -> None:
    assert (
        trim_messages(talk(), max_tokens=22, strategy="last", token_counter=len)[0].type == "tool"
    )


def test_a_budget_below_the_question_makes_trim_messages_drop_it() -> None:
    trimmed = trim_messages(
        talk(), max_tokens=3, strategy="last", token_counter=count, start_on="human"
    )
    assert trimmed == []


def test_the_four_memories_differ_as_the_page_says() -> None:
    budget = 500
    runs = {
        kind: simulate(kind, budget, count, forgetful())
        for kind in ("buffer", "window", "budget", "summary")
    }
    assert all(len(turns) == TURNS for turns in runs.values())
    assert all(turn.recall == 1.0 for turn in runs["buffer"])
    assert all(b.tokens > a.tokens for a, b in pairwise(runs["buffer"]))
    assert all(turn.tokens <= budget for turn in runs["budget"])
    assert runs["window"][-1].recall <= runs["budget"][-1].recall < 0.5
    assert runs["summary"][-1].recall == 1.0  # although its model forgets everything
    assert runs["summary"][-1].tokens < runs["buffer"][-1].tokens / 2


def test_the_plot_answers_to_the_budget() -> None:
    plot = memory_plot(forgetful(), count, budget=(400, 2800, 600, 100))
    assert "budget of 600 tokens" in plot.text()
    first = plot.svg
    plot.sliders["budget"].value = 2800
    assert plot.svg != first
    assert "could not be drawn" not in plot.svg
    plot.sliders["budget"].value = 400
    assert "could not be drawn" not in plot.svg


def test_fifty_tools_differ() -> None:
    tools = fifty_tools()
    assert len({tool.name for tool in tools}) == len({tool.description for tool in tools}) == 50
    assert tools[0].invoke({"number": "7"}) == "Look up order 7: done."


def run(*arguments: str, typed: str = "") -> str:
    done = subprocess.run(
        [sys.executable, str(CODE / "03_conversation_memory.py"), *arguments],
        input=typed, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.slow
def test_the_program_loses_no_detail_in_sixty_turns() -> None:
    lines = [line for line in run("--scripted").splitlines() if line.startswith("turn")]
    assert len(lines) == 6
    assert all(line.endswith("details lost: none") for line in lines)


@pytest.mark.slow
def test_the_program_talks() -> None:
    said = run(typed="My order is MF-1042.\nWhat is my order number?\n\n")
    assert "MF-1042" in said
    assert said.count("tokens]") == 2
