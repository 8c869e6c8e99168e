"""Give what the starter imports."""

from langchain.agents import create_agent

__all__ = ["create_agent"]
