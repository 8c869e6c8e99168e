"""Verbs told from nouns, by their neighbours."""

from bisect import bisect_right
from collections.abc import Sequence

from practice_model.lexicon import words
from practice_model.mind.reading.model import Sentence
from practice_model.mind.reading.scanner import MAX_TEXT
from practice_model.mind.reading.tokens import Token, is_verb, opens_command, tokens

_BEFORE_VERB = words("words", "before_verb")


class Tagger:
    """Tell verbs from nouns in a text's tokens by their neighbours."""

    def __init__(self, text: str, sentences: Sequence[Sentence]) -> None:
        self.tokens = tokens(text[:MAX_TEXT])
        self.starts = [t.start for t in self.tokens]
        heads = {s.start for s in sentences}
        self.verb = [False] * len(self.tokens)
        for index, token in enumerate(self.tokens):
            self.verb[index] = self._is_verb(index, token, token.start in heads)

    def _is_verb(self, index: int, token: Token, opens: bool) -> bool:
        low = token.low
        before = self.tokens[index - 1].low if index else ""
        after = self.tokens[index + 1].low if index + 1 < len(self.tokens) else ""
        if not token.is_word or not (is_verb(low) or (opens and opens_command(low, after))):
            return False
        if token.text[:1].isupper() and not opens and before not in (":", ".", "!", "?", '"', "“"):
            return False
        if opens:
            return after != ":"
        if before in (":", ";", "!", "?", "-", '"', "“") or before in _BEFORE_VERB - {"or"}:
            nounish = before == "and" and after in (",", ".", "and", "", "of", "?", "!")
            return not nounish
        return before == "," and after[:1].isalnum() and after not in ("and", "or", "of")

    def index_at(self, offset: int) -> int:
        """Return the index of the token that starts at or before an offset."""
        return bisect_right(self.starts, offset) - 1
