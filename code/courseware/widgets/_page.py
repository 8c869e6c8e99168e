"""Show a page that an agent wrote: as rendered markdown, and what differs from the one before."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

import mistune

from courseware.widgets._frame import register_style
from courseware.widgets._text import escape, visible

ALIKE = 0.4
"""Share of words that two texts have in common where one is a version of the other."""

_render = mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])
_WORDS = re.compile(r"\S+\s*")


def page_html(text: str) -> str:
    """Return markdown as safe HTML: what is HTML in it stays text, and no picture is fetched."""
    without_pictures = re.sub(r"!(?=\[)", "", visible(text))
    return f'<div class="ap-page">{_render(without_pictures)}</div>'


def unmarked(text: str) -> str:
    """Return markdown without the marks of headings, lists and stress, for a single line."""
    return re.sub(r"(?m)^\s*(#{1,6}|[-*+]|\d+\.)\s+|\*\*|__|`", "", text)


def is_version(before: str, after: str) -> bool:
    """Tell whether `after` is another version of `before`, long enough to be compared."""
    one, two = _WORDS.findall(before), _WORDS.findall(after)
    if min(len(one), len(two)) < 12 or before == after:
        return False
    return SequenceMatcher(None, one, two, autojunk=False).ratio() >= ALIKE


def changes_html(before: str, after: str) -> str:
    """Return what differs, word by word: taken out is struck through, put in is underlined."""
    one, two = _WORDS.findall(visible(before)), _WORDS.findall(visible(after))
    parts = []
    for kind, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(_shortened(one[a:b]))
            continue
        if b > a:
            parts.append(f'<del class="ap-old">{escape("".join(one[a:b]))}</del>')
        if d > c:
            parts.append(f'<ins class="ap-new">{escape("".join(two[c:d]))}</ins>')
    return f'<div class="ap-changes-between">{" ".join(parts)}</div>'


def _shortened(words: list[str], around: int = 6) -> str:
    """Return what did not change; of a long stretch only its two ends."""
    if len(words) <= 2 * around + 2:
        return escape("".join(words))
    return escape("".join(words[:around]) + " … " + "".join(words[-around:]))


register_style(
    """
.ap-panel .ap-page { margin:4px 0 6px 14px; overflow-wrap:break-word; }
.ap-panel .ap-page :is(h1, h2, h3, h4) { font-size:var(--jp-ui-font-size1); font-weight:600;
  margin:8px 0 4px; }
.ap-panel .ap-page p { margin:4px 0; }
.ap-panel .ap-changes-between { margin:4px 0 6px 14px; white-space:pre-wrap; }
.ap-panel .ap-changes-between del { color:var(--ap-red); text-decoration:line-through; }
.ap-panel .ap-changes-between ins { color:var(--ap-green); text-decoration:underline; }
"""
)
