"""Hold what earlier cells of the page import and define."""

from typing import TypedDict

from langchain.agents import create_agent
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph

from agent_patterns.teams import Agent, chat_agent, pipeline, supervisor
from courseware import connect
from courseware.lessons.shop import search_library

llm = ChatOpenAI(model=connect().model, temperature=0)
