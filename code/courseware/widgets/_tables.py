"""Show names and values as safe HTML tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from courseware.widgets._text import escape, listed, one_line, plain, readable


def value_html(value: Any, label: str = "") -> str:
    """Return one value as safe HTML; long or structured ones in a box that scrolls by keyboard."""
    items = listed(value)
    text = items or readable(value)
    code = "" if items or isinstance(value, str | bool | int | float | None) else " ap-code"
    if "\n" not in text and len(text) <= 400:
        return f'<span class="ap-value{code}">{escape(text)}</span>'
    name = f' aria-label="{escape(label)}"' if label else ""
    tall = text.count("\n") > 9 or len(text) > 900
    scroll = f' tabindex="0" role="group"{name}' if tall else ""
    return f'<div class="ap-value{code}"{scroll}>{escape(text)}</div>'


def table(
    rows: Iterable[tuple[str, Any]], caption: str = "", notes: Mapping[str, str] | None = None
) -> str:
    """Return a safe HTML table of names and values; `caption` is read out by screen readers.

    `notes` are safe HTML for a third column.
    """
    wide = any((notes or {}).values())
    beside = {name: f"<td>{note}</td>" for name, note in (notes or {}).items() if wide}
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{value_html(value, str(name))}</td>'
        f"{beside.get(name, '')}</tr>"
        for name, value in rows
    )
    label = f' aria-label="{escape(caption)}"' if caption else ""
    return f'<table class="ap-table"{label}><tbody>{body}</tbody></table>' if body else ""


def changed_table(before: Mapping[str, Any], after: Mapping[str, Any], caption: str = "") -> str:
    """Return a safe HTML table of values, with a changed one struck out beside the new."""
    rows = ""
    for name in dict.fromkeys([*before, *after]):
        if name in before and name in after and before[name] == after[name]:
            cell = value_html(after[name], str(name))
        else:
            old = f'<del class="ap-old">{escape(readable(before.get(name)))}</del>'
            new = (
                f'<ins class="ap-new">{escape(readable(after[name]))}</ins>'
                if name in after
                else ""
            )
            cell = " ".join(part for part in (old if name in before else "", new) if part)
            cell = f'<div class="ap-value">{cell}</div>'
        rows += f'<tr><th scope="row">{escape(name)}</th><td>{cell}</td></tr>'
    label = f' aria-label="{escape(caption)}"' if caption else ""
    return f'<table class="ap-table"{label}><tbody>{rows}</tbody></table>' if rows else ""


def folded(rows: Iterable[tuple[str, Any]], caption: str = "") -> str:
    """Like `table`, with structures folded to a line that opens on a click to tables in tables."""
    body = ""
    for name, value in rows:
        body += f'<tr><th scope="row">{escape(name)}</th><td>{_fold(value, str(name))}</td></tr>'
    label = f' aria-label="{escape(caption)}"' if caption else ""
    return f'<table class="ap-table"{label}><tbody>{body}</tbody></table>' if body else ""


def _fold(value: Any, label: str = "") -> str:
    if not isinstance(value, Mapping | list | tuple) or not value or listed(value):
        return value_html(value, label)
    inner = nested(plain(value), label)
    return f"<details><summary>{escape(one_line(value))}</summary>{inner}</details>"


def nested(value: Any, label: str = "") -> str:
    """Return a structure as tables in tables: entries by name, items of a list by number."""
    if listed(value):
        return value_html(value, label)
    if isinstance(value, Mapping) and value:
        pairs = [(str(name), item) for name, item in value.items()]
    elif isinstance(value, list) and value:
        pairs = [(str(number), item) for number, item in enumerate(value, 1)]
    else:
        return value_html(value, label)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{nested(item, name)}</td></tr>'
        for name, item in pairs
    )
    return f'<table class="ap-table"><tbody>{body}</tbody></table>'


def grid(header: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "") -> str:
    """Return a safe HTML table with a header row; the first cell of a row is its heading."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = ""
    for row in rows:
        first, rest = row[0], row[1:]
        cells = "".join(f"<td>{_fold(cell)}</td>" for cell in rest)
        body += f'<tr><th scope="row">{value_html(first)}</th>{cells}</tr>'
    label = f' aria-label="{escape(caption)}"' if caption else ""
    return (
        f'<table class="ap-table"{label}><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )
