"""Hold what earlier cells of the page import and define."""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph

from agent_patterns.teams import Agent, Route
