"""State machines: a checked transition table that becomes a graph, and threads to send events to.

Start with `machine.py`: it is short, and says what guards each failure. `table.py` holds the
table and its checks, `session.py` a thread and who may work on it, `errors.py` what is refused.
"""

from agent_patterns.machines.errors import MachineError
from agent_patterns.machines.machine import Machine
from agent_patterns.machines.table import State, Transition

__all__ = ["Machine", "MachineError", "State", "Transition"]
