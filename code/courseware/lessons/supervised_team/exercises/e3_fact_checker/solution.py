"""Solve: A fact checker joins."""

from agent_patterns.teams import Agent, Route


def add_fact_checker(agents, router, find_unsupported):
    """Return (agents, router) of the same team with a fact checker in it."""

    def check(assignment):
        draft = "\n".join(assignment.material["draft"].values())
        return "\n".join(f"Remove this, no source says it: {c}" for c in find_unsupported(draft))

    checker = Agent("fact_checker", "checks claims", check, reads=("draft",), produces="feedback")

    def route(progress):
        worked = [turn for turn in progress.turns if turn["kind"] == "answer"]
        last = worked[-1] if worked else {"sender": "", "text": ""}
        if last["sender"] == "writer":
            return Route(next="fact_checker")
        if last["sender"] == "fact_checker" and last["text"]:
            return Route(next="writer")
        return router(progress)

    return [*agents, checker], route
