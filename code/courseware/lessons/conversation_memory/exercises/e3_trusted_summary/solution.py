"""Solve: A summary you can trust."""

from agent_patterns.memory import missing_details


def trusted_summary(text, summarize):
    """Return a summary of the text that contains all of its names and numbers."""
    summary = summarize(text)
    missing = missing_details(text, summary)
    if not missing:
        return summary
    return f"{summary} Also mentioned: {', '.join(missing)}."
