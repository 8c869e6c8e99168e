"""Hold what earlier cells of the page import and define."""

from agent_patterns.machines import Machine, MachineError, State, Transition
from courseware.lessons.state_machines.care import (
    SLOTS,
    ask,
    begin,
    fill,
    fits,
    forget,
    last,
    missing,
)
