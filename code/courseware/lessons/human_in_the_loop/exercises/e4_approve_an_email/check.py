"""Check: An e-mail agent that sends only what was approved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph.types import Command

from agent_patterns.approval import approve, edit, reject
from courseware.exercises import Wrong, chance, expect


class _Post:
    """Writes another letter each time, and remembers what was asked of it and what was sent."""

    def __init__(self) -> None:
        self._rng = chance()
        self.to = (
            f"{self._rng.choice(['clara', 'hanna', 'eve'])}{self._rng.randrange(100)}@post.example"
        )
        self.feedback: list[str] = []
        self.sent: list[tuple[str, str]] = []

    def draft(self, to: str, feedback: str = "") -> str:
        self.feedback.append(feedback)
        mark = f"{self._rng.randrange(10**6):06}-{len(self.feedback)}"
        return f"Dear {to}, this is draft number {mark}."

    def send(self, to: str, letter: str) -> str:
        self.sent.append((to, letter))
        return "sent"


def check(build_email_agent: Callable[..., Any]) -> None:
    """Watch what leaves, after whose decision, and whether it is what was shown."""
    _approved(build_email_agent)
    _edited(build_email_agent)
    _rejected(build_email_agent)
    _rejected_then_approved(build_email_agent)
    _two_at_once(build_email_agent)
    _same_recipient(build_email_agent)


def _asked(build: Callable[..., Any], post: _Post) -> tuple[Any, dict[str, Any], str]:
    graph = build(post.draft, post.send)
    if graph is None:
        raise Wrong("returns-nothing", "`build_email_agent` returned None: end it with `return`.")
    expect(
        hasattr(graph, "get_state"),
        "returns-no-graph",
        f"`build_email_agent` returned {type(graph).__name__}. End with"
        " `return builder.compile(checkpointer=InMemorySaver())`.",
    )
    expect(
        getattr(graph, "checkpointer", None),
        "no-checkpointer",
        "The graph has no checkpointer. It would stop as if all were well, and could never go on.",
    )
    config: dict[str, Any] = {"configurable": {"thread_id": "check"}}
    state = graph.invoke({"to": post.to}, config)
    expect(
        not post.sent,
        "sends-before-approval",
        "A letter left before anybody was asked. Sending belongs into a node that runs after the"
        " one that interrupts.",
    )
    return graph, config, _letter_shown(state)


def _letter_shown(state: dict[str, Any]) -> str:
    expect(
        state.get("__interrupt__"),
        "asks-nobody",
        "The run went through without stopping. Call `interrupt(...)` before the letter is sent,"
        " and nothing that catches it.",
    )
    value = state["__interrupt__"][0].value
    args = value.get("args") if isinstance(value, dict) else None
    letter = args.get("letter") if isinstance(args, dict) else None
    if not isinstance(args, dict) or not isinstance(letter, str) or "draft number" not in letter:
        raise Wrong(
            "does-not-show-the-letter",
            f"The human is shown {value!r}. They can only approve what they see: ask with"
            ' `{"action": "send_email", "args": {"to": …, "letter": …}}`.',
        )
    return letter


def _approved(build: Callable[..., Any]) -> None:
    post = _Post()
    graph, config, shown = _asked(build, post)
    graph.invoke(Command(resume=approve()), config)
    graph.invoke(Command(resume=approve()), config)
    expect(
        post.sent,
        "never-sends",
        "The letter was approved, and nothing left.",
    )
    expect(
        len(post.sent) == 1,
        "sends-twice",
        f"One approval, {len(post.sent)} letters. The node that interrupts starts again from its"
        " top on resume: nothing in it may send.",
    )
    expect(
        post.sent[0][1] == shown,
        "drafts-again-on-resume",
        f"Approved was {shown!r}, sent was {post.sent[0][1]!r}. The letter was written anew after"
        " the approval. Draft in a node of its own and carry the letter in the state.",
    )
    expect(
        post.sent[0][0] == post.to,
        "sends-to-somebody-else",
        f"The letter was for {post.to} and went to {post.sent[0][0]!r}.",
    )


def _edited(build: Callable[..., Any]) -> None:
    post = _Post()
    graph, config, _ = _asked(build, post)
    better = {"to": "clara@weiss.example", "letter": "Dear Clara, thank you."}
    graph.invoke(Command(resume=edit("send_email", better)), config)
    expect(
        post.sent,
        "ignores-the-edit",
        "The human corrected the letter, and nothing left. An edit is an approval of other"
        ' arguments: `decision["edited_action"]["args"]`.',
    )
    expect(
        post.sent == [(better["to"], better["letter"])],
        "ignores-the-edit",
        f"The human corrected address and letter, and {post.sent[-1]!r} left. Send"
        ' `decision["edited_action"]["args"]`, not what was drafted.',
    )


def _rejected(build: Callable[..., Any]) -> None:
    post = _Post()
    graph, config, _ = _asked(build, post)
    graph.invoke(Command(resume=reject("Not in this tone.")), config)
    expect(
        not post.sent,
        "ignores-the-rejection",
        "The human said no, and the letter left all the same. `interrupt` returns the decision:"
        ' look at `decision["type"]` before you send.',
    )


def _rejected_then_approved(build: Callable[..., Any]) -> None:
    post = _Post()
    graph, config, first = _asked(build, post)
    letters = [first]
    for reason in ("Not in this tone.", f"Shorter: {chance().randrange(20, 90)} words."):
        state = graph.invoke(Command(resume=reject(reason)), config)
        expect(
            state.get("__interrupt__"),
            "a-no-ends-it",
            "The human said no and why, and the run ended. Lead it back to the draft with the"
            " reason as feedback, and ask again.",
        )
        letters.append(_letter_shown(state))
        expect(
            letters[-1] not in letters[:-1],
            "asks-again-with-the-same-letter",
            "After the rejection the human is shown the same letter again. Go back to the node"
            " that drafts, not to the one that asks.",
        )
        expect(
            post.feedback[-1] == reason,
            "forgets-the-reason",
            f"The human said {reason!r}, and the next draft was written with the feedback"
            f' {post.feedback[-1]!r}. Put `decision["message"]` into the state, and hand it to'
            " `draft`.",
        )
    graph.invoke(Command(resume=approve()), config)
    expect(
        post.sent == [(post.to, letters[-1])],
        "sends-a-rejected-letter",
        f"Two letters were rejected and the third one approved; what left is {post.sent!r}.",
    )


def _two_at_once(build: Callable[..., Any]) -> None:
    post = _Post()
    graph, clara, _ = _asked(build, post)
    shown = _letter_shown(graph.invoke(Command(resume=reject("Not in this tone.")), clara))
    ben: dict[str, Any] = {"configurable": {"thread_id": "another"}}
    other = _letter_shown(graph.invoke({"to": "ben"}, ben))
    expect(
        not post.feedback[-1],
        "mixes-up-two-threads",
        f"A letter to {post.to} was rejected; then another thread of the same graph began, and its"
        f" first draft was written with her feedback {post.feedback[-1]!r}. A variable outside of"
        " the nodes is the same for all threads: carry the feedback in the state.",
    )
    graph.invoke(Command(resume=approve()), clara)
    graph.invoke(Command(resume=approve()), ben)
    expect(
        post.sent == [(post.to, shown), ("ben", other)],
        "mixes-up-two-threads",
        "While one letter waited for its approval another thread of the same graph drafted its own."
        f" Approved were {shown!r} and {other!r}; what left is {post.sent!r}. A variable outside of"
        " the nodes is the same for all threads: carry the letter in the state.",
    )


def _same_recipient(build: Callable[..., Any]) -> None:
    post = _Post()
    graph, first, letter = _asked(build, post)
    graph.invoke(Command(resume=approve()), first)
    second: dict[str, Any] = {"configurable": {"thread_id": "a second letter"}}
    other = _letter_shown(graph.invoke({"to": post.to}, second))
    graph.invoke(Command(resume=approve()), second)
    expect(
        post.sent == [(post.to, letter), (post.to, other)],
        "one-letter-for-each-recipient",
        f"Two letters to {post.to} were approved, on two threads. What left is {post.sent!r}. The"
        " recipient does not identify a letter.",
    )
