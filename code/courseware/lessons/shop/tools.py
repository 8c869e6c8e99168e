"""The library as tools for agents."""

from __future__ import annotations

import json
from dataclasses import asdict

from langchain_core.tools import BaseTool, tool

from courseware.lessons.shop.documents import Document, UnknownDocument, get, search


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
    """Return the documents with one of the prefixes that fit a query best."""
    return [entry for entry in search(query, limit=6) if entry.id.split("-")[0] in prefixes][:3]
