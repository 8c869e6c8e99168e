"""Subgraphs that many parents share: contracts, adapters, and a research subgraph.

Start with `contract.py`: it is short, and says what guards each failure.
"""

from agent_patterns.subgraphs.contract import Contract, ContractError, adapt, check_contract
from agent_patterns.subgraphs.research import research_subgraph

__all__ = ["Contract", "ContractError", "adapt", "check_contract", "research_subgraph"]
