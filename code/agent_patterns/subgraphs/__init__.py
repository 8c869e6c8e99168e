"""Subgraphs that many parents share: contracts, adapters, and a research subgraph.

Start with `contract.py`: it is short, and says what guards each failure. `research.py` is
a subgraph to share.
"""

from agent_patterns.subgraphs.contract import Contract, ContractError, adapt, check_contract

__all__ = ["Contract", "ContractError", "adapt", "check_contract"]
