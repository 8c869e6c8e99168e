"""Solve: A repair loop with an exit."""

from .given import END, START, Job, StateGraph


def build(generate, test, most):
    """Return a compiled graph that generates and tests until it passes or gives up."""

    def write(state):
        code = generate(state["task"], state.get("report", ""))
        return {"code": code, "attempts": state.get("attempts", 0) + 1}

    def judge(state):
        report = test(state["code"])
        if report == "passed":
            return {"report": report, "status": "passed"}
        if state["attempts"] >= most:
            return {"report": report, "status": "gave up"}
        return {"report": report}

    builder = StateGraph(Job)
    builder.add_node("write", write)
    builder.add_node("judge", judge)
    builder.add_edge(START, "write")
    builder.add_edge("write", "judge")
    builder.add_conditional_edges(
        "judge", lambda state: END if state.get("status") else "write", ["write", END]
    )
    return builder.compile()
