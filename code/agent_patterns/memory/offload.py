"""Keep large tool results in files, and let the agent read them back in pieces."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from langchain.agents.middleware import AgentMiddleware
from langchain.tools.tool_node import ToolCallRequest
from langchain_core.messages import ToolMessage
from langchain_core.tools import StructuredTool

from agent_patterns.memory.errors import ContextError

READ = "read_result"


class Offload(AgentMiddleware[Any, Any, Any]):
    """Write large tool results to files; the model gets the beginning and a way to the rest.

    The file's name is a hash of its content, so a tool that runs again writes no second file.
    The folder belongs to one user: whoever knows a name can read the file.

    Args:
        folder: where the files go; made when it is needed.
        above: characters from which on a result is offloaded, and the most that one reading gives.
        preview: characters of the result that the model sees at once.
    """

    def __init__(self, folder: Path | str, *, above: int = 4_000, preview: int = 500) -> None:
        super().__init__()
        if not 0 < preview <= above:
            raise ContextError(f"preview={preview} must lie between 1 and above={above}.")
        self.folder, self.above, self.preview = Path(folder), above, preview
        self.tools = [
            StructuredTool.from_function(
                self.read,
                name=READ,
                description=(
                    "Read a piece of a saved result. Give its name, and either the offset of the "
                    "first character or a text to find in it."
                ),
            )
        ]

    def read(self, name: str, offset: int = 0, find: str = "") -> str:
        """Return a piece of a saved result, or a sentence that says why there is none."""
        path = self.folder / name
        if not _is_name(name) or not path.is_file():
            return f"There is no result {name!r}. Use the name exactly as you were given it."
        with path.open(encoding="utf-8", newline="") as file:  # newline: offsets count as written
            text = file.read()
        if find:
            found = text.lower().find(find.lower(), max(offset, 0))
            if found < 0:
                return f"{find!r} does not occur in {name} after character {max(offset, 0)}."
            offset = max(0, found - self.preview // 2)
        if not 0 <= offset < len(text):
            return f"{name} has {len(text)} characters; give an offset from 0 to {len(text) - 1}."
        end = min(len(text), offset + self.above)
        return f"[characters {offset} to {end} of {len(text)}]\n{text[offset:end]}"

    def save(self, message: ToolMessage) -> ToolMessage:
        """Return the message to send: itself, or its beginning and where the rest is.

        Raises:
            ContextError: if the file cannot be written; the result is not lost silently.
        """
        text = message.text
        if len(text) <= self.above or message.name == READ:
            return message
        name = f"result-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}.txt"
        try:
            self._write(name, text)
        except OSError as error:
            raise ContextError(
                f"A result of {len(text)} characters could not be saved in {self.folder}: {error}. "
                "Give Offload a folder that can be written to"
            ) from error
        rest = (
            f"{text[: self.preview]}\n[The first {self.preview} of {len(text)} characters. "
            f"All of it is saved as {name}: use {READ} to read on or to find something in it.]"
        )
        return message.model_copy(update={"content": rest})

    def wrap_tool_call(self, request: ToolCallRequest, handler: Callable[..., Any]) -> Any:
        """Run the tool, and offload its result if it is large."""
        result = handler(request)
        return self.save(result) if isinstance(result, ToolMessage) else result

    async def awrap_tool_call(self, request: ToolCallRequest, handler: Callable[..., Any]) -> Any:
        """Do the same without blocking."""
        result = await handler(request)
        if isinstance(result, ToolMessage):
            return await asyncio.to_thread(self.save, result)
        return result

    def _write(self, name: str, text: str) -> None:
        """Write the file whole or not at all: a reader never sees half a result."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if (self.folder / name).exists():
            return
        handle, part = tempfile.mkstemp(dir=self.folder)
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
        os.replace(part, self.folder / name)


def _is_name(name: str) -> bool:
    return name.startswith("result-") and name.endswith(".txt") and name[7:-4].isalnum()
