"""Solve: What does it need?"""

from agent_patterns.state import Needs

needs = {
    "A": Needs(),
    "B": Needs(tools=True),
    "C": Needs(tools=True, human_approval=True),
    "D": Needs(loops=True),
    "E": Needs(parallel_steps=True),
}
