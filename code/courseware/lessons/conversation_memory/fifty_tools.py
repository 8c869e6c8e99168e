"""Make fifty tools of a support desk, more than a model should be offered at once."""

from __future__ import annotations

from langchain_core.tools import BaseTool, StructuredTool

VERBS = {
    "look_up": "Look up",
    "cancel": "Cancel",
    "change": "Change",
    "print": "Print",
    "archive": "Archive",
}
THINGS = (
    "order", "invoice", "refund", "address", "newsletter",
    "gift card", "subscription", "complaint", "appointment", "discount",
)  # fmt: skip


def fifty_tools() -> list[BaseTool]:
    """Return a tool for every verb and thing."""

    def make(verb: str, words: str, thing: str) -> BaseTool:
        def act(number: str) -> str:
            return f"{words} {thing} {number}: done."

        return StructuredTool.from_function(
            act,
            name=f"{verb}_{thing.replace(' ', '_')}",
            description=f"{words} the customer's {thing} by its number.",
        )

    return [make(verb, words, thing) for thing in THINGS for verb, words in VERBS.items()]
