"""Is this the state that the graph was written for?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

from agent_patterns.persistence.errors import StateInvalid

_ANY_CLASS = ConfigDict(arbitrary_types_allowed=True)


class StateValidator:
    """Checks the values of a checkpoint against a state schema, key by key.

    A key that is absent is fine: a state fills up as a graph runs.  Keys that the schema does not
    know are LangGraph's own channels and are left alone.  What is saved must have exactly the
    types of the schema; what is loaded may have gone through the database's types (a tuple comes
    back as a list).

    Args:
        schema: a TypedDict, a dataclass or a pydantic model, as given to `StateGraph`.
    """

    def __init__(self, schema: type) -> None:
        self._adapters: dict[str, TypeAdapter[Any]] = {}
        for key, hint in get_type_hints(schema, include_extras=True).items():
            self._adapters[key] = _adapter(hint)

    def check(self, values: Mapping[str, Any], *, when: str) -> None:
        """Checks the values that are there.

        Raises:
            StateInvalid: names every key whose value does not fit.
        """
        problems = {}
        for key, adapter in self._adapters.items():
            if key not in values:
                continue
            try:
                adapter.validate_python(values[key], strict=when == "save")
            except ValidationError as error:
                problems[key] = "; ".join(_in_words(entry) for entry in error.errors())
        if problems:
            raise StateInvalid(problems, when=when)


def _adapter(hint: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(hint, config=_ANY_CLASS)
    except PydanticUserError:  # pydantic models, dataclasses and TypedDicts bring their own config
        return TypeAdapter(hint)
    except PydanticSchemaGenerationError:
        return TypeAdapter(Any)


def _in_words(entry: Any) -> str:
    where = ".".join(str(part) for part in entry["loc"])
    return f"{where}: {entry['msg']}" if where else str(entry["msg"])
