"""Give what the starter imports."""

from langchain_core.messages import AIMessage
from langgraph.graph import END
from langgraph.types import Command

__all__ = ["END", "AIMessage", "Command"]
