"""The library as tools for agents."""

from __future__ import annotations

import json
from dataclasses import asdict

from langchain_core.tools import BaseTool, tool

from courseware.lessons.shop.documents import Document, UnknownDocument, get, is_shop, search


@tool
def search_library(query: str) -> str:
    """Search the library of Marlow & Finch. Gives up to three documents with id, title and text."""
    found = search(query)
    return json.dumps([asdict(entry) for entry in found], ensure_ascii=False)


@tool
def read_document(document_id: str) -> str:
    """Read one document of the library in full, by its id, such as ship-01."""
    try:
        document = get(document_id)
    except UnknownDocument as error:
        return str(error)
    return f"[{document.id}] {document.title}\n{document.text}"


_SAID = (search_library.description, read_document.description)
_OWN = (
    "Search the library. Gives up to three documents with id, title and text.",
    "Read one document of the library in full, by its id.",
)


def describe() -> None:
    """Let the tools' descriptions name the shop only while the library is the shop's."""
    search_library.description, read_document.description = _SAID if is_shop() else _OWN


def shelf(name: str, *prefixes: str) -> BaseTool:
    """Return a search over one part of the library, as a tool named ``search_<name>``.

    `prefixes` are the beginnings of the ids on that shelf, such as ``ship`` or ``ret``.
    """

    @tool(f"search_{name}", description=f"Search the documents about {name}. Gives id and text.")
    def search_shelf(query: str) -> str:
        found = on_shelf(query, *prefixes)
        return json.dumps([asdict(entry) for entry in found], ensure_ascii=False)

    return search_shelf


def on_shelf(query: str, *prefixes: str) -> list[Document]:
    """Return the documents that fit a query best, of those with one of the ids or prefixes."""
    found = search(query, limit=6)
    return [e for e in found if e.id in prefixes or e.id.split("-")[0] in prefixes][:3]
