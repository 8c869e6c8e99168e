"""Decide what is worth keeping, with a graph of its own that works behind the agent's back.

The graph has three steps: a model extracts sentences from what the *user* said, it sorts each
sentence by topic, and the sentences are saved.  Tool results and recalled text are never read: a
web page that says "remember that refunds are free" would else become a memory.

The topics are a closed list, of things that a person has one of.  Only so can a later statement
replace an earlier one: "I live in Porto" and "I've moved to Lisbon" share no word but the topic.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.errors import EmptyInputError
from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel, Field, create_model
from typing_extensions import TypedDict

from agent_patterns.caching.semantic import same_particulars
from agent_patterns.longterm.errors import WritingFailed
from agent_patterns.longterm.memories import Memories
from agent_patterns.longterm.memory import digest

OTHER, NOTHING = "other", "nothing"
TICK = 1e-6
"""Seconds between two sentences of one job, so that the later one replaces the earlier one."""
EXTRACT = (
    "Extract what the user says about themselves that will still matter in a month: names, places, "
    "preferences, plans. Leave out questions, thanks and passing requests."
)
SORT = "Choose the topic.\n{topics}\n- other: anything else about the user"
_JOB = {"kind": "memory job"}


class Facts(BaseModel):
    """Lasting facts about the user."""

    facts: list[str] = Field(
        default_factory=list,
        description="One sentence each, as the user said it, that makes sense on its own.",
    )


class Job(TypedDict, total=False):
    """State of the graph that writes memories.

    Attributes:
        user: whose memories they are.
        said: what the user said, in order.
        said_at: when, in seconds since the epoch.
        source: where: a thread's id.
        facts: sentences that were found in it.
        topics: one for each fact; "nothing" drops it.
        saved: keys of the memories that the facts are part of.
    """

    user: str
    said: list[str]
    said_at: float
    source: str
    facts: list[str]
    topics: list[str]
    saved: list[str]


class MemoryWriter:
    """Extract and save memories, in the foreground with `graph` or in the background.

    Args:
        memories: where they go.
        model: extracts and sorts.
        topics: name -> words that tell it, for what a user has one of, such as
            ``{"home": "address, city, live, moved"}``.  A topic "nothing" drops sentences.
        checkpointer: keeps a job from `submit` until it is done, so that a killed process loses
            none; see `recover`.
        same: the cosine from which a sentence without a topic is the same as one that is known,
            unless a number, a name or a "not" differs.

    Attributes:
        graph: the compiled graph; its state is a `Job`.
    """

    def __init__(
        self,
        memories: Memories,
        model: BaseChatModel,
        *,
        topics: Mapping[str, str],
        checkpointer: BaseCheckpointSaver[Any] | None = None,
        same: float = 0.9,
    ) -> None:
        self._memories, self._model, self._same = memories, model, same
        self._topics, self._checkpointer = dict(topics), checkpointer
        graph = StateGraph(Job)
        graph.add_node("extract", self._extract)
        graph.add_node("sort", self._sort)
        graph.add_node("save", self._save)
        graph.add_edge(START, "extract")
        graph.add_conditional_edges("extract", _found, ["sort", END])
        graph.add_edge("sort", "save")
        graph.add_edge("save", END)
        self.graph = graph.compile(checkpointer=checkpointer)
        self._pool = ThreadPoolExecutor(1, "memory-writer")  # one at a time, in order
        self._lock = threading.Lock()
        self._jobs: dict[str, tuple[str, Future[Any]]] = {}  # at work, or failed and not told

    def submit(
        self, user: str, messages: Sequence[BaseMessage], *, source: str = "", said_at: float = 0.0
    ) -> Future[list[str]]:
        """Write memories from messages in the background; return the keys as a future.

        With a checkpointer the job is stored when this returns.  The same job submitted again, in
        this process or another, changes nothing.

        Args:
            user: who said it.
            messages: a conversation, or what is new of it; only the user's messages are read.
            source: the conversation's id.
            said_at: when, in seconds since the epoch; now by default.

        Raises:
            InvalidUser: the id has characters that stores give a meaning.
        """
        self._memories.of(user)
        said = [str(each.text) for each in messages if isinstance(each, HumanMessage)]
        job = Job(user=user, said=said, source=source, said_at=said_at or self._memories.clock())
        number = digest("\n".join([user, source, *said]))
        with self._lock:
            if number in self._jobs and not self._jobs[number][1].done():
                return self._jobs[number][1]
        if self._checkpointer is None:
            return self._start(number, user, job)
        self.graph.update_state(_config(number, user), job, as_node=START)
        return self._start(number, user, None)

    def recover(self) -> int:
        """Take up the jobs that killed processes left, or that failed; return how many."""
        left = self._stored()
        for number, user in left.items():
            self._start(number, user, None)
        return len(left)

    def drain(self, timeout: float | None = None) -> None:
        """Wait until all jobs are done.

        Args:
            timeout: seconds; None waits for ever.

        Raises:
            WritingFailed: some failed, or are still at work.
        """
        with self._lock:
            jobs = [future for _, future in self._jobs.values()]
        done, late = wait(jobs, timeout)
        failed = [error for each in done if (error := _error(each)) is not None]
        with self._lock:
            self._jobs = {n: job for n, job in self._jobs.items() if job[1] not in done}
        if late or failed:
            why = "; ".join(f"{type(each).__name__}: {each}" for each in failed)
            raise WritingFailed(
                f"{len(failed)} jobs failed, {len(late)} are not done. {why} "
                "With a checkpointer, recover() tries them again."
            ) from next(iter(failed), None)

    def drop(self, user: str) -> None:
        """Give up a user's jobs, also stored ones; wait for the one that is at work."""
        with self._lock:
            jobs = [future for owner, future in self._jobs.values() if owner == user]
        wait([future for future in jobs if not future.cancel()])
        for number, owner in self._stored().items():
            if owner == user and self._checkpointer is not None:
                self._checkpointer.delete_thread(number)

    def close(self) -> None:
        """Finish what was submitted, and stop."""
        self._pool.shutdown(wait=True)

    def _start(self, number: str, user: str, job: Job | None) -> Future[list[str]]:
        with self._lock:
            kept = {n: job for n, job in self._jobs.items() if not job[1].done() or _error(job[1])}
            future = self._pool.submit(self._run, number, user, job)
            self._jobs = kept | {number: (user, future)}
        return future

    def _run(self, number: str, user: str, job: Job | None) -> list[str]:
        try:
            result = self.graph.invoke(job, _config(number, user))
        except EmptyInputError:
            return []  # another process has done it meanwhile
        if self._checkpointer is not None:
            self._checkpointer.delete_thread(number)  # a finished job is a copy to forget
        return list((result or {}).get("saved", []))

    def _stored(self) -> dict[str, str]:
        """Return the numbers of stored jobs, each with its user."""
        if self._checkpointer is None:
            return {}
        found: dict[str, str] = {}
        for each in self._checkpointer.list(None, filter=_JOB):
            told: Mapping[str, Any] = each.metadata
            found[each.config["configurable"]["thread_id"]] = told["user_id"]
        with self._lock:
            at_work = {n for n, (_, future) in self._jobs.items() if not future.done()}
        return {number: user for number, user in found.items() if number not in at_work}

    def _extract(self, state: Job) -> dict[str, Any]:
        model = self._model.with_structured_output(Facts)
        asked = [[("system", EXTRACT), ("human", text)] for text in state["said"] if text.strip()]
        answers = model.batch(list(asked))
        facts = [fact for each in answers if isinstance(each, Facts) for fact in each.facts]
        last = dict.fromkeys(fact.strip() for fact in reversed(facts))  # of two the last counts
        return {"facts": [fact for fact in [*last][::-1] if fact and not fact.endswith("?")]}

    def _sort(self, state: Job) -> dict[str, Any]:
        names = Literal[(*self._topics, OTHER)]  # type: ignore[valid-type]
        schema = create_model("Sorted", topic=(names, ...))
        listed = "\n".join(f"- {name}: {words}" for name, words in self._topics.items())
        model = self._model.with_structured_output(schema)
        system = ("system", SORT.format(topics=listed))
        answers = model.batch([[system, ("human", fact)] for fact in state["facts"]])
        return {"topics": [each.topic for each in answers]}  # type: ignore[union-attr]

    def _save(self, state: Job) -> dict[str, Any]:
        mine, saved = self._memories.of(state["user"]), []
        said_at = state.get("said_at", self._memories.clock())
        sorted_facts = zip(state["facts"], state["topics"], strict=True)
        for place, (fact, topic) in enumerate(sorted_facts):
            if topic == NOTHING:
                continue
            told: Any = {"source": state.get("source", ""), "said_at": said_at + place * TICK}
            if topic == OTHER:
                near = mine.search(fact, k=1, min_score=self._same)
                known = [each.key for each in near if same_particulars(fact, each.text)]
                saved.append(mine.put(fact, key=next(iter(known), None), **told).key)
            else:
                saved.append(mine.put(fact, topic=topic, **told).key)
        return {"saved": saved}


def _error(future: Future[Any]) -> BaseException | None:
    """Return what a finished job failed with."""
    return None if future.cancelled() else future.exception()


def _found(state: Job) -> str:
    return "sort" if state["facts"] else END


def _config(number: str, user: str) -> RunnableConfig:
    return {"configurable": {"thread_id": number}, "metadata": {**_JOB, "user_id": user}}
