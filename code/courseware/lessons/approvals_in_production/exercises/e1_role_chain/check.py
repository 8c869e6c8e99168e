"""Check: Role-based approval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph.types import Command

from courseware.exercises import Wrong, chance, expect

_ROLES = ("technical", "billing", "security", "legal", "owner", "warehouse")
Chains = dict[str, list[str]]


def _drawn() -> Chains:
    """Return chains of one, two and three roles, under names that no page mentions."""
    rng = chance()
    low, middle, high = sorted(rng.sample(_ROLES, 3))
    ends = rng.sample([low, high], 2)
    lists = ([rng.choice(_ROLES)], [high, low], [middle, *ends])  # no order that sorting gives
    return {f"kind {rng.randrange(1000)} of {len(roles)}": roles for roles in lists}


class _Conversation:
    """Lead one request through the roles."""

    def __init__(
        self,
        build: Callable[..., Any],
        chains: Chains,
        kind: str,
        graph: Any = None,
        thread: str = "",
    ) -> None:
        self.graph = graph or build({name: list(roles) for name, roles in chains.items()})
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


def check(build_role_chain: Callable[..., Any]) -> None:
    """Walk requests of one, two and three steps through right and wrong roles."""
    chains = _drawn()
    for kind, roles in chains.items():
        talk = _Conversation(build_role_chain, chains, kind)
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
    _wrong_role(build_role_chain, chains)
    _rejection(build_role_chain, chains)
    _two_requests_at_once(build_role_chain, chains)


def _two_requests_at_once(build: Callable[..., Any], chains: Chains) -> None:
    kind, roles = max(chains.items(), key=lambda each: len(each[1]))
    first = _Conversation(build, chains, kind)
    second = _Conversation(build, chains, kind, graph=first.graph, thread="another")
    for role in roles[:2]:
        first.answer(role)
    second.answer(roles[0])
    expect(
        second.waits_for == roles[1],
        "mixes-up-two-requests",
        "Two requests were under way at once, each on a thread of its own. The first had two"
        f" approvals, the second one, and now the second waits for {second.waits_for!r} instead of"
        f" {roles[1]!r}. A variable outside of the node is the same for all threads: carry the step"
        " in the state.",
    )


def _wrong_role(build: Callable[..., Any], chains: Chains) -> None:
    """At every step let everybody answer whose turn it is not, strangers too."""
    for word in ("approve", "reject"):
        for kind, roles in chains.items():
            talk = _Conversation(build, chains, kind)
            for role in roles:
                for other in (*_ROLES, "intern", ""):
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


def _rejection(build: Callable[..., Any], chains: Chains) -> None:
    kind, roles = max(chains.items(), key=lambda each: len(each[1]))
    talk = _Conversation(build, chains, kind)
    talk.answer(roles[0])
    talk.answer(roles[1], "reject")
    expect(
        talk.waits_for is None,
        "rejection-does-not-end-it",
        f"{roles[1]} has rejected, and it still waits for {talk.waits_for!r}. A no ends it,"
        " whatever was approved before.",
    )
    expect(
        talk.outcome == "rejected",
        "releases-what-was-rejected",
        f"{roles[1]} has rejected, and the outcome is {talk.outcome!r} instead of 'rejected'.",
    )
