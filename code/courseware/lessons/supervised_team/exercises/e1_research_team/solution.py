"""Solve: A research team."""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph


class Team(TypedDict, total=False):
    """What the team passes on."""

    task: str
    notes: str
    draft: str
    feedback: str
    drafts: int
    result: str
    status: str


def build_team(researcher, writer, reviewer):
    """Return a compiled graph: {"task": …} in, "result" and "status" out."""

    def research(state):
        return {"notes": researcher(state["task"])}

    def write(state):
        draft = writer(state["notes"], state.get("draft", ""), state.get("feedback", ""))
        return {"draft": draft, "drafts": state.get("drafts", 0) + 1}

    def review(state):
        feedback = reviewer(state["draft"])
        status = "limit" if feedback else "approved"
        return {"feedback": feedback, "status": status, "result": state["draft"]}

    def after_review(state):
        return "write" if state["feedback"] and state["drafts"] < 3 else END

    builder = StateGraph(Team).add_node(research).add_node(write).add_node(review)
    builder.add_edge(START, "research").add_edge("research", "write").add_edge("write", "review")
    builder.add_conditional_edges("review", after_review, ["write", END])
    return builder.compile()
