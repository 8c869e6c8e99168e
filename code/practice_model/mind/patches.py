"""JSON patches: the edits that bring a document up to date with what a request says."""

import json
import re
from typing import Any

from practice_model.mind.assign import assign
from practice_model.mind.filling import Filling
from practice_model.mind.parameters import Param, Schema, read_tool, resolve

_ID = re.compile(r"\b(?:id|json_doc_id|doc_id)\s*[=:]\s*[\"']?([\w-]{1,64})")


def asks_for(param: Param, root: Schema) -> bool:
    """Tell that an array takes JSON patches (RFC 6902)."""
    fields = resolve(param.schema.get("items") or {}, root).get("properties") or {}
    return {"op", "path"} <= set(fields)


def documents(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the JSON objects in a text, each with the id told in front of it or inside it."""
    found: list[tuple[str, dict[str, Any]]] = []
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0 and len(found) < 20:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
            continue
        ids = _ID.findall(text[max(0, at - 300) : at])
        if isinstance(value, dict):
            found.append((ids[-1] if ids else str(value.get("id") or ""), value))
        at = text.find("{", end)
    return found


def document_id(filler: Filling) -> str:
    """Return the id of the document to be edited."""
    found = documents(filler.reading.system.text) or documents(filler.reading.request.text)
    return found[-1][0] if found else ""


def fill(filler: Filling) -> list[dict[str, Any]]:
    """Return the edits that a request asks of the document it comes with."""
    found = documents(filler.reading.system.text) or documents(filler.reading.request.text)
    if not found:
        return []
    document, passage = found[-1][1], filler.reading.request
    properties = {key: _schema_of(value) for key, value in document.items()}
    tool = read_tool("document", "", {"type": "object", "properties": properties})
    sure = [b for b in assign(tool.params, passage.spans, tool) if b.score >= SURE]
    edits = [
        _edit("replace", b.param.name, b.value) for b in sure if b.value != document[b.param.name]
    ]
    return edits


SURE = 0.9  # an edit needs a surer sign than a first filling


def _edit(op: str, path: str, value: Any) -> dict[str, Any]:
    return {"op": op, "path": "/" + path.replace("~", "~0"), "value": value}


def _schema_of(value: Any) -> Schema:
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int | float):
        return {"type": "number"}
    if isinstance(value, list):
        return {"type": "array", "items": _schema_of(value[0] if value else "")}
    return {"type": "object"} if isinstance(value, dict) else {"type": "string"}
