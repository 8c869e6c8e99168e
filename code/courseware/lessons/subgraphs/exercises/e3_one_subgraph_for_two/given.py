"""Hold what earlier cells of the page import and define."""

from typing import TypedDict

from langgraph.graph import START, StateGraph

from agent_patterns.subgraphs import Contract, adapt
from courseware.lessons.subgraphs.copies import Letter, Post, write_post, write_reply
