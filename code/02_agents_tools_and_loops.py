"""Lesson 02 as a program: a support desk whose loop ends, whatever the model does.

    python code/02_agents_tools_and_loops.py               three questions, two of them runaway
    python code/02_agents_tools_and_loops.py QUESTION...   your own, such as "Where is MF-1043?"

The agent looks something up before it answers. A budget ends a turn that takes too long, and the
customer is told so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import ModelRequest, ModelResponse, wrap_model_call
from langchain_core.messages import ToolMessage
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver

from agent_patterns.loops import Budget, BudgetMiddleware, check_tools
from courseware import connect
from courseware.lessons.agents_tools_and_loops.desk import TOOLS

Handler = Callable[[ModelRequest], ModelResponse]


@wrap_model_call
def look_up_first(request: ModelRequest, handler: Handler) -> ModelResponse:
    """Force a tool on the first request of a turn only."""
    started = isinstance(request.messages[-1], ToolMessage)
    return handler(request if started else request.override(tool_choice="any"))


@wrap_model_call
def always_look_up(request: ModelRequest, handler: Handler) -> ModelResponse:
    """Force a tool on every request: the bug that this program survives."""
    return handler(request.override(tool_choice="any"))


def desk(policy: Any) -> Any:
    """Return the support agent with a policy of when to look something up."""
    check_tools(TOOLS)
    model = ChatOpenAI(model=connect().model, temperature=0)
    budget = BudgetMiddleware(Budget(iterations=6, tool_calls=6, tokens=20_000))
    return create_agent(model, TOOLS, middleware=[policy, budget], checkpointer=InMemorySaver())


def ask(agent: Any, question: str) -> None:
    """Ask in the one thread that the agent has here, and print the turn."""
    config = {"configurable": {"thread_id": "terminal"}}
    out = agent.invoke({"messages": [("user", question)]}, config)
    spent = ", ".join(f"{name} {amount}" for name, amount in out["spent"].items())
    print(f"\n> {question}\n{out['messages'][-1].text}\n  [{spent}]")


def main(questions: Sequence[str]) -> None:
    """Answer the questions; without any, show a good turn and two of a runaway agent."""
    if questions:
        agent = desk(look_up_first)
        for question in questions:
            ask(agent, question)
        return
    ask(desk(look_up_first), "Where are orders MF-1042 and MF-1043?")
    print("\nWith the bug back in:")
    runaway = desk(always_look_up)
    ask(runaway, "Where is order MF-1042?")
    ask(runaway, "And where is order MF-1044?")  # the thread is still usable


if __name__ == "__main__":
    main(sys.argv[1:])
