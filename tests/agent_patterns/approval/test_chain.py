from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agent_patterns.approval.chain import RoleChain
from agent_patterns.approval.errors import AlreadyDecided, InvalidRequest, WrongRole

ROLES = ["technical", "billing", "security", "owner"]


def test_one_two_or_three_steps_release_only_at_the_last() -> None:
    for length in (1, 2, 3):
        chain = RoleChain(tuple(ROLES[:length]))
        for role in ROLES[:length]:
            assert chain.outcome == "waiting"
            chain = chain.approve([role])
        assert chain.outcome == "approved"
        assert chain.waits_for == ()


def test_a_rejection_ends_it_after_an_approval_too() -> None:
    chain = RoleChain(("technical", "billing")).approve(["technical"]).reject(["billing"])
    assert chain.outcome == "rejected"
    with pytest.raises(AlreadyDecided, match="rejected"):
        chain.approve(["billing"])


def test_the_wrong_role_is_told_which_one_is_needed() -> None:
    with pytest.raises(WrongRole, match=r"technical.*not for billing"):
        RoleChain(("technical", "billing")).approve(["billing"])


def test_an_escalation_lets_a_deputy_decide_this_step_only() -> None:
    chain = RoleChain(("billing", "security")).escalate("owner")
    assert chain.waits_for == ("billing", "owner")
    assert chain.approve(["owner"]).waits_for == ("security",)


def test_a_chain_without_roles_would_release_at_once() -> None:
    with pytest.raises(InvalidRequest):
        RoleChain(())


class ChainMachine(RuleBasedStateMachine):
    """The chain against a list of what is left to do."""

    @initialize(roles=st.lists(st.sampled_from(ROLES[:3]), min_size=1, max_size=4))
    def begin(self, roles: list[str]) -> None:
        self.roles = roles
        self.left = list(roles)
        self.deputies: set[str] = set()
        self.ended = ""
        self.chain = RoleChain(tuple(roles))

    def may(self, held: set[str]) -> bool:
        return bool(held & ({self.left[0]} | self.deputies)) if self.left else False

    @rule(held=st.sets(st.sampled_from(ROLES)))
    def approve(self, held: set[str]) -> None:
        if self.ended:
            with pytest.raises(AlreadyDecided):
                self.chain.approve(held)
        elif not self.may(held):
            with pytest.raises(WrongRole):
                self.chain.approve(held)
        else:
            self.chain = self.chain.approve(held)
            self.left.pop(0)
            self.deputies.clear()
            if not self.left:
                self.ended = "approved"

    @rule(held=st.sets(st.sampled_from(ROLES)))
    def reject(self, held: set[str]) -> None:
        if self.ended:
            with pytest.raises(AlreadyDecided):
                self.chain.reject(held)
        elif not self.may(held):
            with pytest.raises(WrongRole):
                self.chain.reject(held)
        else:
            self.chain = self.chain.reject(held)
            self.ended = "rejected"

    @rule(role=st.sampled_from(ROLES))
    def escalate(self, role: str) -> None:
        if self.ended:
            with pytest.raises(AlreadyDecided):
                self.chain.escalate(role)
        else:
            self.chain = self.chain.escalate(role)
            self.deputies.add(role)

    @rule()
    def restart(self) -> None:
        if self.ended:
            with pytest.raises(AlreadyDecided):
                self.chain.restart()
        else:
            self.chain = self.chain.restart()
            self.left = list(self.roles)
            self.deputies.clear()

    @rule()
    def expire(self) -> None:
        if self.ended:
            with pytest.raises(AlreadyDecided):
                self.chain.end("expired")
        else:
            self.chain = self.chain.end("expired")
            self.ended = "expired"

    @invariant()
    def agrees(self) -> None:
        assert self.chain.outcome == (self.ended or "waiting")
        expected = set() if self.ended else {self.left[0]} | self.deputies
        assert set(self.chain.waits_for) == expected


TestChainMachine = ChainMachine.TestCase


@given(
    st.lists(st.sampled_from(ROLES[:3]), min_size=1, max_size=3),
    st.lists(st.sampled_from(ROLES[:3]), max_size=12),
)
def test_released_only_when_every_role_has_approved_in_order(
    roles: list[str], approvals: list[str]
) -> None:
    chain = RoleChain(tuple(roles))
    accepted = []
    for role in approvals:
        try:
            chain = chain.approve([role])
        except (WrongRole, AlreadyDecided):
            continue
        accepted.append(role)
    assert accepted == roles[: len(accepted)]
    assert (chain.outcome == "approved") == (accepted == roles)
