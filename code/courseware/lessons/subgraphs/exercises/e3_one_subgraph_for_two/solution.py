"""Solve: One subgraph for two parents."""

from .given import (
    START,
    Contract,
    Letter,
    Post,
    StateGraph,
    TypedDict,
    adapt,
    write_post,
    write_reply,
)


class Question(TypedDict):
    """Hold what goes in."""

    question: str


class Found(TypedDict):
    """Hold what comes out."""

    findings: list[dict]


class Research(TypedDict, total=False):
    """Hold what is known inside."""

    question: str
    findings: list[dict]


def topic(state: Post) -> str:
    return state["topic"]


def texts(result: Found) -> list[str]:
    return [finding["text"] for finding in result["findings"]]


def last_line(state: Letter) -> str:
    return state["mail"].splitlines()[-1]


def names(result: Found) -> list[str]:
    return [finding["source"] for finding in result["findings"]]


BLOG = Contract("blog writer", Post, sends={"question": topic}, reads={"facts": texts})
MAIL = Contract("e-mail responder", Letter, sends={"question": last_line}, reads={"sources": names})


def build_parents(search):
    """Return the blog writer and the e-mail responder, with one research subgraph for both."""
    inner = StateGraph(Research, input_schema=Question, output_schema=Found)
    inner.add_node("find", lambda state: {"findings": search(state["question"])})
    research = inner.add_edge(START, "find").compile(name="research")

    def build(contract, write):
        builder = StateGraph(contract.state)
        builder.add_sequence([("research", adapt(research, contract)), ("write", write)])
        return builder.add_edge(START, "research").compile()

    return build(BLOG, write_post), build(MAIL, write_reply)
