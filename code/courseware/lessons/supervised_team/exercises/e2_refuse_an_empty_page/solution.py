"""Solve: Refuse an empty page."""

import re


def status_of(page, ids):
    """Return "done" or "no source"."""
    brackets = re.findall(r"\[([^\]]*)\]", page)
    cited = {part.strip() for inside in brackets for part in inside.split(",")}
    return "done" if cited and cited <= set(ids) else "no source"
