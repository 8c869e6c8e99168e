"""Solve: Translate both ways."""


def make_node(research):
    """Return a node that asks the mail's last line and keeps the names of the sources."""

    def node(state):
        question = state["mail"].splitlines()[-1]
        result = research.invoke({"question": question})
        return {"sources": [finding["source"] for finding in result["findings"]]}

    return node
