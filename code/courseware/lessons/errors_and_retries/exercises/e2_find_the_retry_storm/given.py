"""Hold what earlier cells of the page import and define."""

from typing import TypedDict

from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy

from agent_patterns.resilience import FullJitter, Retry, is_retryable
