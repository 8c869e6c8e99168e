"""Solve: Offload a large result."""

import hashlib

from .given import Path


def save(text, folder, limit):
    """Return the text, or a note with its beginning and the name of the file that holds it."""
    if len(text) <= limit:
        return text
    name = hashlib.sha256(text.encode("utf-8")).hexdigest()[:16] + ".txt"
    Path(folder).mkdir(parents=True, exist_ok=True)
    (Path(folder) / name).write_text(text, encoding="utf-8")
    return f"{text[:limit]}\n[{len(text)} characters in all; the rest is in {name}]"


def find(name, word, folder):
    """Return the first line of a saved text that contains the word, or an empty string."""
    path = Path(folder) / name
    if Path(name).name != name or not path.is_file():
        return ""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((line for line in lines if word in line), "")
