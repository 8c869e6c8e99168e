"""The exercises of module 05: an e-mail agent, a chain of roles, a desk with escalation."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from langgraph.types import Command

from agent_patterns.approval import AlreadyDecided, approve, edit, reject
from courseware.exercises._sqlite_watch import watched_writes
from courseware.exercises.model import Exercise, Unattempted, Wrong, expect
from courseware.exercises.reading import is_placeholder

MINUTE = 60.0
HOUR = 60 * MINUTE


# 05.1 --------------------------------------------------------------------------------------------


class _Post:
    """Writes another letter each time, and remembers what was asked of it and what was sent."""

    def __init__(self) -> None:
        self.feedback: list[str] = []
        self.sent: list[tuple[str, str]] = []

    def draft(self, to: str, feedback: str = "") -> str:
        self.feedback.append(feedback)
        return f"Dear {to}, this is draft number {len(self.feedback)}."

    def send(self, to: str, letter: str) -> str:
        self.sent.append((to, letter))
        return "sent"


def check_email_agent(build: Callable[..., Any]) -> None:
    """Watch what leaves, after whose decision, and whether it is what was shown."""
    _approved(build)
    _edited(build)
    _rejected(build)
    _rejected_then_approved(build)
    _two_at_once(build)


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
    state = graph.invoke({"to": "clara"}, config)
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
        post.sent[0][0] == "clara",
        "sends-to-somebody-else",
        f"The letter was for clara and went to {post.sent[0][0]!r}.",
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
    for reason in ("Not in this tone.", "Shorter."):
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
        post.sent == [("clara", letters[-1])],
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
        "A letter to clara was rejected; then another thread of the same graph began, and its first"
        f" draft was written with her feedback {post.feedback[-1]!r}. A variable outside of the"
        " nodes is the same for all threads: carry the feedback in the state.",
    )
    graph.invoke(Command(resume=approve()), clara)
    graph.invoke(Command(resume=approve()), ben)
    expect(
        post.sent == [("clara", shown), ("ben", other)],
        "mixes-up-two-threads",
        "While one letter waited for its approval another thread of the same graph drafted its own."
        f" Approved were {shown!r} and {other!r}; what left is {post.sent!r}. A variable outside of"
        " the nodes is the same for all threads: carry the letter in the state.",
    )


EMAIL_STARTER = '''\
from typing import Literal, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from courseware.exercises import exercise


class Email(TypedDict, total=False):
    to: str
    letter: str
    feedback: str
    decision: dict


def build_email_agent(draft, send):
    """A compiled graph that starts with {"to": ...} and sends one letter after approval.

    draft(to, feedback) writes a letter, a new one each time; feedback is "" at first.
    send(to, letter) sends it. The human is shown
    {"action": "send_email", "args": {"to": ..., "letter": ...}} and answers with approve(),
    edit("send_email", {"to": ..., "letter": ...}) or reject("why"): then another letter is
    drafted, with the reason as its feedback, and they are asked again.
    """
    ...'''

EMAIL_SOLUTION = """\
class Email(TypedDict, total=False):
    to: str
    letter: str
    feedback: str
    decision: dict


def build_email_agent(draft, send):
    def write(state: Email) -> Email:
        feedback = state.get("feedback", "")
        return {"letter": draft(state["to"], feedback)}

    def ask(state: Email) -> Command[Literal["write", "deliver"]]:
        args = {"to": state["to"], "letter": state["letter"]}
        request = {"action": "send_email", "args": args}
        decision = interrupt(request)
        if decision["type"] == "reject":
            feedback = {"feedback": decision["message"]}
            return Command(goto="write", update=feedback)
        return Command(goto="deliver", update={"decision": decision})

    def deliver(state: Email) -> Email:
        args = {"to": state["to"], "letter": state["letter"]}
        if state["decision"]["type"] == "edit":
            args = state["decision"]["edited_action"]["args"]
        send(**args)
        return {}

    builder = StateGraph(Email).add_node(write).add_node(ask)
    builder.add_node(deliver)
    builder.add_edge(START, "write").add_edge("write", "ask")
    return builder.compile(checkpointer=InMemorySaver())"""

EMAIL_SETUP = """\
from typing import Literal, TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
"""


# 05.2 --------------------------------------------------------------------------------------------

_CHAINS = {
    "refund": ["billing"],
    "discount_code": ["technical", "billing"],
    "export_customers": ["technical", "billing", "security"],
}


class _Conversation:
    """One request on its way through the roles."""

    def __init__(
        self, build: Callable[..., Any], kind: str, graph: Any = None, thread: str = ""
    ) -> None:
        self.graph = graph or build({name: list(roles) for name, roles in _CHAINS.items()})
        if self.graph is None:
            raise Wrong(
                "returns-nothing", "`build_role_chain` returned None: end it with `return`."
            )
        expect(
            getattr(self.graph, "checkpointer", None),
            "no-checkpointer",
            "Compile the graph with a checkpointer: nothing can wait without one.",
        )
        self.kind = kind
        self.config: dict[str, Any] = {"configurable": {"thread_id": thread or kind}}
        self.state = self.graph.invoke({"kind": kind}, self.config)

    @property
    def waits_for(self) -> str | None:
        waiting = self.state.get("__interrupt__")
        if not waiting:
            return None
        expect(
            len(waiting) == 1,
            "asks-all-at-once",
            "Several roles were asked at the same time. They come one after the other: the second"
            " only looks at what the first has approved.",
        )
        value = waiting[0].value
        if not isinstance(value, dict) or "waits_for" not in value:
            raise Wrong(
                "does-not-say-who",
                f"The interrupt shows {value!r}. Put the role into it, under `waits_for`, so that"
                " somebody can be asked.",
            )
        return str(value["waits_for"])

    def answer(self, role: str, kind: str = "approve") -> None:
        self.state = self.graph.invoke(Command(resume={"type": kind, "role": role}), self.config)

    @property
    def outcome(self) -> Any:
        return self.state.get("outcome") if self.waits_for is None else None


def check_role_chain(build: Callable[..., Any]) -> None:
    """Walk requests of one, two and three steps through right and wrong roles."""
    for kind, roles in _CHAINS.items():
        talk = _Conversation(build, kind)
        for number, role in enumerate(roles):
            expect(
                talk.outcome is None,
                "releases-too-early",
                f"A request of kind {kind!r} needs {', '.join(roles)}, and ended as"
                f" {talk.outcome!r} after {number} of them.",
            )
            expect(
                talk.waits_for == role,
                "wrong-order",
                f"Step {number + 1} of {kind!r} waits for {talk.waits_for!r} instead of {role!r}."
                " Take the roles from `chains[kind]`, in their order.",
            )
            talk.answer(role)
        expect(
            talk.outcome == "released",
            "never-releases",
            f"All of {', '.join(roles)} have approved, and the outcome is {talk.outcome!r} instead"
            " of 'released'.",
        )
    _wrong_role(build)
    _rejection(build)
    _two_requests_at_once(build)


def _two_requests_at_once(build: Callable[..., Any]) -> None:
    first = _Conversation(build, "export_customers")
    second = _Conversation(build, "export_customers", graph=first.graph, thread="another")
    for role in ("technical", "billing"):
        first.answer(role)
    second.answer("technical")
    expect(
        second.waits_for == "billing",
        "mixes-up-two-requests",
        "Two requests were under way at once, each on a thread of its own. The first had two"
        f" approvals, the second one, and now the second waits for {second.waits_for!r} instead of"
        " 'billing'. A variable outside of the node is the same for all threads: carry the step in"
        " the state.",
    )


def _wrong_role(build: Callable[..., Any]) -> None:
    """At every step let everybody answer whose turn it is not, strangers too."""
    for word in ("approve", "reject"):
        for kind, roles in _CHAINS.items():
            talk = _Conversation(build, kind)
            for role in roles:
                for other in ("technical", "billing", "security", "intern", ""):
                    if other != role:
                        _counts_for_nothing(talk, role, other, word)
                talk.answer(role)
            expect(
                talk.outcome == "released",
                "never-releases",
                "After wrong roles had been refused, the right ones could not release it any more.",
            )


def _counts_for_nothing(talk: _Conversation, role: str, other: str, word: str) -> None:
    talk.answer(other, word)
    said = f"A request of kind {talk.kind!r} waited for {role}, and the role {other!r} said {word}"
    counted = {"approve": "released", "reject": "rejected"}[word]
    expect(
        talk.outcome in (None, counted),
        "wrong-role-ends-it",
        f"{said}: the run ended as {talk.outcome!r}. An answer of the wrong role counts for"
        " nothing: ask again.",
    )
    now = talk.outcome or f"waiting for {talk.waits_for}"
    expect(
        talk.waits_for == role,
        "accepts-any-role",
        f"{said}: now it is {now}. At every step compare `answer['role']` with the role that is"
        " asked; to have approved an earlier step counts for nothing.",
    )


def _rejection(build: Callable[..., Any]) -> None:
    talk = _Conversation(build, "export_customers")
    talk.answer("technical")
    talk.answer("billing", "reject")
    expect(
        talk.waits_for is None,
        "rejection-does-not-end-it",
        f"Billing has rejected, and it still waits for {talk.waits_for!r}. A no ends it, whatever"
        " was approved before.",
    )
    expect(
        talk.outcome == "rejected",
        "releases-what-was-rejected",
        f"Billing has rejected, and the outcome is {talk.outcome!r} instead of 'rejected'.",
    )


CHAIN_STARTER = '''\
from typing import TypedDict

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from courseware.exercises import exercise


class Release(TypedDict, total=False):
    kind: str
    step: int
    outcome: str


def build_role_chain(chains):
    """A compiled graph that starts with {"kind": ...} and asks the roles of chains[kind].

    It asks one role after the other with interrupt({"waits_for": role, "kind": kind}), and is
    answered with {"type": "approve" or "reject", "role": the role of who answers}. An answer of
    another role counts for nothing: it asks again. In the end the state holds
    {"outcome": "released"} or {"outcome": "rejected"}.
    """
    ...'''

CHAIN_SOLUTION = """\
class Release(TypedDict, total=False):
    kind: str
    step: int
    outcome: str


def build_role_chain(chains):
    def ask(state: Release) -> Release:
        step = state.get("step", 0)
        roles = chains[state["kind"]]
        answer = interrupt({"waits_for": roles[step], "kind": state["kind"]})
        if answer["role"] != roles[step]:
            return {"step": step}
        if answer["type"] == "reject":
            return {"outcome": "rejected"}
        if step + 1 == len(roles):
            return {"outcome": "released"}
        return {"step": step + 1}

    def what_next(state: Release) -> str:
        return END if "outcome" in state else "ask"

    builder = StateGraph(Release).add_node(ask).add_edge(START, "ask")
    builder.add_conditional_edges("ask", what_next, ["ask", END])
    return builder.compile(checkpointer=InMemorySaver())"""


# 05.3 --------------------------------------------------------------------------------------------


def check_desk(desk_class: Callable[[Path], Any]) -> None:
    """Live through a night at the desk, with the clock in hand."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for number, check in enumerate(
            (
                _waits,
                _in_sqlite,
                _restarts,
                _only_roles,
                _escalates,
                _expires,
                _decided_once,
                _noted,
                _decided_elsewhere,
                _decided_in_between,
            )
        ):
            check(desk_class, Path(folder) / f"desk_{number}.sqlite")


def _submit(desk: Any, data: str, now: float) -> Any:
    number = desk.submit(data, now)
    if number is None:
        if is_placeholder(type(desk).submit):
            raise Unattempted("`submit` is still the starter's.")
        raise Wrong("returns-nothing", "`submit` returned None. It returns the request's id.")
    return number


def _pending(desk: Any, now: float) -> dict[Any, tuple[str, set[str]]]:
    waiting = desk.pending(now)
    if waiting is None:
        if is_placeholder(type(desk).pending):
            raise Unattempted("`pending` is still the starter's.")
        raise Wrong("returns-nothing", "`pending` returned None. It returns a list.")
    try:
        return {number: (data, set(roles)) for number, data, roles in waiting}
    except (TypeError, ValueError) as error:
        raise Wrong(
            "pending-has-another-shape",
            f"`pending` returned {waiting!r}. It returns a list of (id, data, roles).",
        ) from error


def _waits(desk_class: Callable[[Path], Any], path: Path) -> None:
    desk = desk_class(path)
    ids = [_submit(desk, data, 0.0) for data in ("ink", "pen", "ink")]
    expect(
        len(set(ids)) == 3,
        "ids-collide",
        f"Three requests of the same second got the ids {ids!r}. Let the database number them:"
        " INTEGER PRIMARY KEY.",
    )
    waiting = _pending(desk, 1.0)
    expect(
        [waiting.get(number, ("",))[0] for number in ids] == ["ink", "pen", "ink"],
        "loses-requests",
        f"Submitted were ink, pen, ink; pending is {waiting!r}.",
    )
    expect(
        all(roles == {"billing"} for _, roles in waiting.values()),
        "escalates-too-early",
        f"After one second they should wait for billing alone: {waiting!r}.",
    )
    try:
        desk.decide(ids[0], "lead", "approved", 29 * MINUTE)
    except PermissionError:
        return
    raise Wrong(
        "accepts-any-role",
        "The lead decided after 29 minutes, before it was escalated. Raise `PermissionError` for"
        " a role that may not decide yet.",
    )


def _only_roles(desk_class: Callable[[Path], Any], path: Path) -> None:
    desk = desk_class(path)
    number = _submit(desk, "ink", 0.0)
    for role in ("intern", "billing assistant", ""):
        try:
            desk.decide(number, role, "approved", 31 * MINUTE)
        except PermissionError:
            continue
        raise Wrong(
            "accepts-any-role",
            f"The role {role!r} decided, which this desk does not know. Raise `PermissionError` for"
            " everybody but billing and, after 30 minutes, the lead.",
        )


def _restarts(desk_class: Callable[[Path], Any], path: Path) -> None:
    first = _submit(desk_class(path), "ink", 0.0)
    again = desk_class(path)
    expect(
        first in _pending(again, 1.0),
        "kept-in-memory",
        "A second desk on the same file, as after a restart, knows nothing of the request. Keep"
        " it in the SQLite file, and commit.",
    )
    second = _submit(again, "pen", 2.0)
    expect(
        second != first,
        "ids-collide",
        "After a restart the ids begin again, and two requests share one.",
    )


def _escalates(desk_class: Callable[[Path], Any], path: Path) -> None:
    number = _submit(desk_class(path), "ink", 1000.0)
    roles = _roles(desk_class(path), number, 1000.0 + 30 * MINUTE)
    expect(
        "lead" in roles,
        "never-escalates",
        f"After 30 minutes it waits for {sorted(roles)}. The lead may decide too then, also if the"
        " desk was restarted in between: compare `now` with the stored time.",
    )
    expect(
        "billing" in roles,
        "escalation-locks-out",
        "After 30 minutes only the lead may decide. Escalation adds somebody; billing, who comes"
        " back from lunch, may still decide.",
    )
    desk_class(path).decide(number, "lead", "approved", 1000.0 + 31 * MINUTE)
    expect(
        number not in _pending(desk_class(path), 1000.0 + 32 * MINUTE),
        "decision-is-lost",
        "The lead has approved, and the request still waits.",
    )


def _roles(desk: Any, number: Any, now: float) -> set[str]:
    return _pending(desk, now).get(number, ("", set()))[1]


def _expires(desk_class: Callable[[Path], Any], path: Path) -> None:
    desk = desk_class(path)
    number = _submit(desk, "ink", 0.0)
    expect(
        number in _pending(desk, 8 * HOUR - 1),
        "expires-too-early",
        "It has gone before its 8 hours were over.",
    )
    expect(
        number not in _pending(desk, 8 * HOUR),
        "expired-still-waits",
        "After 8 hours it still waits. Nobody shall approve tomorrow what was urgent today.",
    )
    _refuses(
        desk,
        number,
        8 * HOUR,
        "expired-still-waits",
        "After 8 hours it could still be approved. `pending` hides it, but `decide` must look at"
        " the time too.",
    )


def _decided_once(desk_class: Callable[[Path], Any], path: Path) -> None:
    desk = desk_class(path)
    number = _submit(desk, "ink", 0.0)
    desk.decide(number, "billing", "rejected", 1.0)
    expect(
        number not in _pending(desk, 2.0),
        "decision-is-lost",
        "Billing has rejected it, and it still waits.",
    )
    _refuses(
        desk,
        number,
        2.0,
        "decided-twice",
        "Billing rejected it, and it could be approved a second later. Raise `AlreadyDecided`.",
    )


def _noted(desk_class: Callable[[Path], Any], path: Path) -> None:
    """Two desks that differ in one decision alone must differ in their files."""
    files = []
    for number, decision in enumerate(("approved", "approved", "rejected")):
        file = path.with_name(f"{decision}_{number}.sqlite")
        desk = desk_class(file)
        ticket = _submit(desk, "ink", 0.0)
        desk.decide(ticket, "billing", decision, 1.0)
        with closing(sqlite3.connect(file)) as db:
            text = "\n".join(db.iterdump())
        # A random id tells two files apart, and says nothing about the decision.
        files.append(text if isinstance(ticket, int) else text.replace(str(ticket), "id"))
    if files[0] != files[1]:  # something else is by chance or by the clock
        files = [f"{text.count('approved')} {text.count('rejected')}" for text in files]
    expect(
        files[0] != files[2] or files[0] == "0 0",
        "forgets-the-decision",
        "One request was approved and another one rejected, and nothing in the file tells them"
        " apart. Whoever reads it tomorrow must see which it was: store `decision`.",
    )


def _decided_elsewhere(desk_class: Callable[[Path], Any], path: Path) -> None:
    mine, yours = desk_class(path), desk_class(path)
    number = _submit(mine, "ink", 0.0)
    _pending(mine, 1.0)
    _pending(yours, 1.0)
    yours.decide(number, "billing", "approved", 2.0)
    _refuses(
        mine,
        number,
        3.0,
        "decided-twice",
        "Two desks on one file, as in two processes: both could decide the same request. Look in"
        " the file at the moment of the decision, best with UPDATE … WHERE status = 'waiting'.",
    )


def _decided_in_between(desk_class: Callable[[Path], Any], path: Path) -> None:
    """Let another desk decide just before this one writes, whatever it has read before."""
    with watched_writes() as before_write:
        mine, yours = desk_class(path), desk_class(path)
        number = _submit(mine, "ink", 0.0)
        wins: list[str] = []

        def decide(desk: Any, decision: str) -> None:
            try:
                desk.decide(number, "billing", decision, 2.0)
            except (AlreadyDecided, sqlite3.OperationalError):
                return  # refused, or kept out by the other one's transaction
            wins.append(decision)

        before_write(lambda: decide(yours, "rejected"))
        decide(mine, "approved")
        before_write(None)
    expect(
        len(wins) < 2,
        "looks-then-writes",
        "Between your look and your UPDATE another desk rejected the same request, and both"
        " decisions were accepted. Look and write in one statement, UPDATE … WHERE status ="
        " 'waiting', and see in `rowcount` whether you were first; or begin the transaction with"
        " BEGIN IMMEDIATE.",
    )


def _in_sqlite(desk_class: Callable[[Path], Any], path: Path) -> None:
    _submit(desk_class(path), "ink", 0.0)
    expect(
        path.exists(),
        "kept-in-memory",
        "After a request was submitted there is no file. Keep it in the SQLite file at `path`, and"
        " commit.",
    )
    with path.open("rb") as file:
        expect(
            file.read(15) == b"SQLite format 3",
            "no-sqlite-file",
            "The file is no SQLite database. A file that is read and rewritten as a whole loses"
            " decisions when two processes do so at once; SQLite locks for you.",
        )


def _refuses(desk: Any, number: Any, now: float, misconception: str, message: str) -> None:
    try:
        desk.decide(number, "billing", "approved", now)
    except AlreadyDecided:
        return
    except PermissionError as error:
        raise Wrong(
            "wrong-refusal",
            "It was refused with `PermissionError`, as if the role were wrong. Raise"
            " `AlreadyDecided` for what is decided or expired, so that the person knows why.",
        ) from error
    raise Wrong(misconception, message)


DESK_SETUP = """\
import sqlite3

from agent_patterns.approval import AlreadyDecided
"""

DESK_STARTER = '''\
import sqlite3

from agent_patterns.approval import AlreadyDecided
from courseware.exercises import exercise


class Desk:
    """Requests in a SQLite file; times are seconds. Roles: billing at once, the lead as well
    after 30 minutes; after 8 hours a request has expired. Two desks may have the same file open
    and decide at the same moment: one of them gets AlreadyDecided."""

    def __init__(self, path): ...

    def submit(self, data, now):
        """Put down a request (a text); return its id."""

    def pending(self, now):
        """What waits: a list of (id, data, roles that may decide now)."""

    def decide(self, id, role, decision, now):
        """Note "approved" or "rejected" in the file. Raise PermissionError for a role that may
        not decide now, AlreadyDecided("...") for what is decided or expired."""'''

DESK_SOLUTION = '''\
class Desk:
    """Requests in a SQLite file; times are seconds. Roles: billing at once, the lead as well
    after 30 minutes; after 8 hours a request has expired. Two desks may have the same file open
    and decide at the same moment: one of them gets AlreadyDecided."""

    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS requests"
            " (id INTEGER PRIMARY KEY AUTOINCREMENT, data TEXT, at REAL,"
            "  status TEXT DEFAULT 'waiting')"
        )

    def submit(self, data, now):
        cursor = self.db.execute("INSERT INTO requests (data, at) VALUES (?, ?)", (data, now))
        return cursor.lastrowid

    def pending(self, now):
        rows = self.db.execute(
            "SELECT id, data, at FROM requests WHERE status = 'waiting' AND at > ?",
            (now - 8 * 3600,),
        )
        return [(id, data, self.roles(at, now)) for id, data, at in rows]

    def roles(self, at, now):
        return ["billing", "lead"] if now - at >= 30 * 60 else ["billing"]

    def decide(self, id, role, decision, now):
        (at,) = self.db.execute("SELECT at FROM requests WHERE id = ?", (id,)).fetchone()
        if now - at < 8 * 3600 and role not in self.roles(at, now):
            raise PermissionError(f"{role} may not decide request {id} yet")
        changed = self.db.execute(
            "UPDATE requests SET status = ? WHERE id = ? AND status = 'waiting' AND at > ?",
            (decision, id, now - 8 * 3600),
        )
        if changed.rowcount == 0:
            raise AlreadyDecided(f"request {id} is decided or has expired")'''


EXERCISES = (
    Exercise(
        id="05.1",
        title="An e-mail agent that sends only what was approved",
        difficulty="medium",
        minutes=10,
        why="The difference between these two agents is a lawsuit.",
        answers=("build_email_agent",),
        starter=EMAIL_STARTER,
        solution_code=EMAIL_SOLUTION,
        setup=EMAIL_SETUP,
        checker=check_email_agent,
        hints=(
            "How many nodes? One thing each: one writes, one asks, one sends.",
            "The letter must not be written again after the approval, so it lives in the state:"
            ' the first node returns `{"letter": draft(state["to"], state.get("feedback", ""))}`.',
            "The second calls `interrupt` and routes on the decision: after a rejection it returns"
            ' `Command(goto="write", update={"feedback": decision["message"]})`, else it goes to'
            " the node that sends.",
            'The third sends `decision["edited_action"]["args"]` after an edit, else what is in the'
            ' state. Edges: START to "write", "write" to "ask"; `ask` itself says where to go on,'
            ' so annotate it with `-> Command[Literal["write", "deliver"]]`.',
        ),
        notes=(
            "The asking node does nothing but ask. Whatever stands before `interrupt` runs again.",
            "Does yours send in the asking node, after `interrupt`? It passes, until that node asks"
            " a second question: on its answer the node starts again, and sends again.",
            "An edit is an approval of other arguments; a rejection leads back to the draft.",
            "Nothing limits the rounds here. In the lesson's letter three are enough.",
            "Two clicks at once could still send twice. `ApprovalLedger` closes that gap.",
        ),
    ),
    Exercise(
        id="05.2",
        title="Role-based approval",
        difficulty="medium",
        minutes=10,
        why="One pair of eyes is not enough for everything.",
        answers=("build_role_chain",),
        starter=CHAIN_STARTER,
        solution_code=CHAIN_SOLUTION,
        setup=EMAIL_SETUP,
        checker=check_role_chain,
        hints=(
            "One node that asks for the current step, and an edge that leads back to it, are"
            " enough. What must the state remember?",
            'The role to ask is `chains[state["kind"]][state.get("step", 0)]`.',
            "Four cases after `interrupt`: another role (same step again), a rejection (outcome"
            " rejected), the last step (outcome released), otherwise the next step.",
            "A conditional edge leads to END as soon as the state has an `outcome`, else back to"
            " the asking node.",
        ),
        notes=(
            "A wrong answer does not raise: an exception after a valid answer would be raised again"
            " on every resume, since the answer is saved.",
            "Here the caller says which role they have. At the desk the role follows from who they"
            " are.",
        ),
    ),
    Exercise(
        id="05.3",
        title="A desk with escalation",
        difficulty="hard",
        minutes=15,
        why="Requests die of silence more often than of a no.",
        answers=("Desk",),
        starter=DESK_STARTER,
        solution_code=DESK_SOLUTION,
        setup=DESK_SETUP,
        checker=check_desk,
        hints=(
            "A table with id, data, time and status is enough. Who may decide follows from the"
            " time; nothing needs to run in the background.",
            "`now` is a parameter, so that a night takes no time. Never ask the computer's clock.",
            "`sqlite3.connect(path, isolation_level=None)` commits every statement by itself.",
            "The decision is one statement: UPDATE … SET status = ? WHERE id = ? AND status ="
            " 'waiting' AND at > ?. If its `rowcount` is 0, somebody was faster or it has expired.",
        ),
        notes=(
            "Looking and deciding is one statement, so two processes cannot both win.",
            "Escalation is computed, not stored: after a restart nothing has to catch up.",
            "`ApprovalDesk` adds chains, notes, an audit trail and the execution.",
        ),
    ),
)
