"""A small library of documents about Marlow & Finch, with tools to search and read it.

The documents are written for this course. Each has an id such as ``ship-01``, so that a text can
cite it and a citation can be checked.

    from courseware.lessons.shop import library, search_library, read_document

`search_library` and `read_document` are LangChain tools for agents; `library()` gives the
documents to programs, and `unsupported` finds the claims of a text that no document bears out.
`use_library(folder)` makes a folder of your own the library.
"""

from courseware.lessons.shop.checks import Claim, Rubric, claims, rubric, unsupported, word_count
from courseware.lessons.shop.documents import Document, UnknownDocument, library, search
from courseware.lessons.shop.own import NoDocuments, use_library
from courseware.lessons.shop.tools import on_shelf, read_document, search_library, shelf

__all__ = [
    "Claim",
    "Document",
    "NoDocuments",
    "Rubric",
    "UnknownDocument",
    "claims",
    "library",
    "on_shelf",
    "read_document",
    "rubric",
    "search",
    "search_library",
    "shelf",
    "unsupported",
    "use_library",
    "word_count",
]
