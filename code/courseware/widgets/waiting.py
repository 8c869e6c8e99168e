"""A bar for cells that take a while."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeVar

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import display

from courseware.runtime.unattended import unattended

Item = TypeVar("Item")


def watched(items: Collection[Item], label: str) -> Iterator[Item]:
    """Goes through `items` and shows how far it is; the bar is gone at the end.

    Nothing is shown unattended or outside Jupyter.
    """
    if unattended() or get_ipython() is None:
        yield from items
        return
    bar = ipywidgets.IntProgress(max=len(items), description=_told(label, 0, items))
    bar.style.description_width = "initial"
    bar.layout.width = "100%"
    display(bar)  # type: ignore[no-untyped-call]
    try:
        for number, item in enumerate(items, start=1):
            bar.description = _told(label, number, items)
            yield item
            bar.value = number
    finally:
        bar.close()


def _told(label: str, number: int, items: Collection[Item]) -> str:
    return f"{label}: {number} of {len(items)}"
