"""A conversation handed over as elements, as LangChain's summarization does: its summary."""

import html
import re

from practice_model.mind.reading.model import Reading
from practice_model.mind.reading.text import capital, ended, sentences
from practice_model.mind.writing import answering
from practice_model.mind.writing.material import is_fact
from practice_model.mind.writing.operations import of_text

_MESSAGE = re.compile(r'<message type="(\w{1,20})">([^<]*)</message>')
MOST = 3
"""Sentences of a summary that no limit is given for."""


def summary(reading: Reading) -> str:
    """Return the most telling things the user said in a transcript; empty without one.

    Tool results and answers are left out: they can be looked up again.
    """
    text = reading.request.text
    said = [html.unescape(body) for kind, body in _MESSAGE.findall(text) if kind == "human"]
    if not said:
        return ""
    told = [one for body in said for one in sentences(body)]
    facts = list(dict.fromkeys(capital(ended(one)) for one in told if is_fact(one)))
    demands = of_text(text[: text.index("<message ")], "")
    limit = next((d.number for d in demands if d.value == "sentence" and d.number), MOST)
    return " ".join(answering.summary(facts or told, "", limit))
