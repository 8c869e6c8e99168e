"""Tell questions from other sentences, and part them."""

from practice_model.mind.reading.phrases import CLASSES, tokens
from practice_model.mind.reading.text import sentences, words


def questions(text: str) -> list[str]:
    """Return the questions of a text, each by itself ("What is X and when does Y?": two)."""
    found: list[str] = []
    for one in sentences(text):
        every = tokens(one)
        cuts = [0]
        for place, token in enumerate(every[:-1]):
            follow = every[place + 1].low
            if token.low in ("and", ",") and follow in CLASSES["asking"] and place > 1:
                cuts.append(place + 1)
        for start, stop in zip(cuts, [*cuts[1:], len(every)], strict=True):
            last = every[stop - 1]
            end = last.start if last.low in ("and", ",") else last.end
            piece = one[every[start].start : end]
            if piece.strip():
                found.append(piece.strip(" ,"))
    return found


def is_question(text: str) -> bool:
    """Tell a question, with or without its mark."""
    if words(text)[:2] == ["how", "to"]:
        return False
    return text.endswith("?") or (words(text)[:1] != [] and words(text)[0] in CLASSES["asking"])
