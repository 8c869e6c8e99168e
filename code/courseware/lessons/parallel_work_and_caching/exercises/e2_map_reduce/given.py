"""Hold what earlier cells of the page import and define."""

from typing import Annotated, TypedDict

from langgraph.graph import START, StateGraph

from agent_patterns.parallel import Outcome, Outcomes, branch, fan_out, merge, send_each
