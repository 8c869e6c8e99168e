"""Five notes in PostgreSQL, for a query that takes a distance for a similarity."""

from __future__ import annotations

from typing import Any

import psycopg
from langchain_core.embeddings import Embeddings

from courseware.runtime.postgres import postgres_url

NOTES = (
    "I prefer green ink.",
    "I write with a fountain pen.",
    "My sister collects stamps.",
    "Please pack gifts in brown paper.",
    "My address is 4 Quay Street, Bristol.",
)


def notes_in_postgres(embeddings: Embeddings) -> psycopg.Connection[Any]:
    """Return a connection with a temporary table `notes (text, vector)`."""
    vectors = embeddings.embed_documents(list(NOTES))
    database = psycopg.connect(postgres_url(), autocommit=True)
    database.execute("CREATE EXTENSION IF NOT EXISTS vector")
    database.execute(f"CREATE TEMP TABLE notes (text TEXT, vector VECTOR({len(vectors[0])}))")
    for text, vector in zip(NOTES, vectors, strict=True):
        database.execute("INSERT INTO notes VALUES (%s, %s)", [text, str(vector)])
    return database
