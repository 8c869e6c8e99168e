"""Names that a team uses itself, or that two members share, are refused when it is built."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from langchain_core.runnables import RunnableLambda
from tests.agent_patterns.teams.members import hard, in_order, says

from agent_patterns.teams import (
    Agent,
    backup_team,
    handoff_team,
    manager,
    network,
    pipeline,
    supervisor,
)
from agent_patterns.teams.agents import renamed
from agent_patterns.teams.errors import TeamError
from agent_patterns.teams.network import Offer, Peer

BUILD: dict[str, Callable[[Sequence[Agent]], Any]] = {
    "supervisor": lambda agents: supervisor(agents, in_order()),
    "manager": lambda agents: manager(agents, hard, [agent.name for agent in agents]),
    "network": lambda agents: network([Peer(agent, lambda text: Offer(True)) for agent in agents]),
    "pipeline": lambda agents: pipeline(list(agents)),
    "backup": backup_team,
    "handoff": lambda agents: handoff_team(
        {agent.name: RunnableLambda(lambda given: given) for agent in agents}, first=agents[0].name
    ),
}
USED = [
    ("supervisor", "supervisor"),
    ("supervisor", "begin"),
    ("supervisor", "FINISH"),
    ("manager", "manager"),
    ("manager", "gather"),
    ("manager", "combine"),
    ("network", "publish"),
    ("network", "forward"),
    ("network", "combine"),
    ("network", "bus"),
    ("network", "everybody"),
    ("backup", "give_up"),
    ("handoff", "begin"),
]


@pytest.mark.parametrize(
    ("kind", "name"), [*USED, *[(kind, name) for kind in BUILD for name in ("user", "a/b", "")]]
)
def test_a_name_that_means_something_else_is_refused(kind: str, name: str) -> None:
    with pytest.raises(TeamError, match=f"No member can be called '{name}'"):
        BUILD[kind]([says(name, "x")])


@pytest.mark.parametrize("kind", [kind for kind in BUILD if kind != "handoff"])
def test_two_members_of_one_name_are_refused_and_renaming_one_helps(kind: str) -> None:
    with pytest.raises(TeamError, match="2 members are called 'a'"):
        BUILD[kind]([says("a", "x"), says("a", "y")])
    BUILD[kind]([says("a", "x"), renamed(says("a", "y"), "b")])


@pytest.mark.parametrize("kind", [kind for kind in BUILD if kind != "handoff"])
def test_a_team_of_nobody_is_refused(kind: str) -> None:
    with pytest.raises(TeamError, match="at least one"):
        BUILD[kind]([])
