"""A checkpointer around LangGraph's own that trusts nothing it has stored.

Its table says what can go wrong; two workers at one thread are for `durable`: read its `runner.py`.

    what goes wrong                       what guards against it
    ------------------------------------  ---------------------------------------------
    a value would come back as something  decoded again on save and compared; refused with its key
      else (a Counter as a dict)          (`StateInvalid`); a tuple stays a tuple
    a value has the wrong type            refused on save and on load, if you give the state's
                                          `schema` (`StateValidator`)
    a stored part is changed, cut off,    found on load, before anything is decoded: each part has
      rolled back, set to null, or        a seal, a checksum of its content and its place
      copied from another place           (`_opened`)
    a damaged row is in a thread's way    `recover` sets it and what needs it aside; `Runner` calls
                                          it, unless the run is done; the newest good one is next
    a value needs older checkpoints,      each link is verified; `recover` goes back to the newest
      and one is damaged                  whole chain, maybe to none (`get_delta_channel_history`)
    the newest row is gone                nothing tells of it: its steps run again, and the keys of
                                          their effects keep those safe
    somebody forges a checkpoint          found as well, with a secret `key`
    a checkpoint calls code when loaded   loading builds plain data and the classes that you allowed
    a clock is behind the last worker's   the ids of new checkpoints sort above what was read; a
                                          save below its parent is refused (`outrun`, `put`)
    a replaced worker writes late         refused in the transaction of the write (`fenced`; the
                                          check is in `durable.runs`)
    the server ends a connection, or the  the pool replaces it; the read or write is repeated for
      file is locked                      30 s, then `DatabaseUnavailable` (`durable.database`)
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint import base
from langgraph.checkpoint.base import CheckpointTuple

from agent_patterns.checkpoints.errors import CheckpointCorrupted, NotSealed, StateInvalid
from agent_patterns.checkpoints.integrity.sealing import Place, Sealer, each_value
from agent_patterns.checkpoints.integrity.validation import StateValidator, unstorable
from agent_patterns.checkpoints.recovery import RecoveryReport, recover
from agent_patterns.checkpoints.serving import WrappedSaver, located
from agent_patterns.durable.database import Database, Session, open_database, parse_url
from agent_patterns.durable.runs import outrun

_SEAL = "sealed"
"""Where the seal of a checkpoint lies in its metadata."""


def open_checkpointer(
    url: str, *, schema: type | None = None, allow: Iterable[type] = (), key: bytes | None = None
) -> SafeCheckpointer:
    """Open a checkpointer, create its tables if they are missing, and check what it stores.

    Use it with `with` or `async with`, or call `close()`.

    Args:
        url: `memory://`, `sqlite:///file.db` or `postgresql://…` (see `durable.parse_url`).
        schema: The graph's state schema; values are validated on save and on load.
        allow: Classes of yours that the state holds; everything else unknown is refused on save.
        key: Secret for the seals (at most 64 bytes): with one, a forged checkpoint is found too.

    Raises:
        UnknownBackend: The URL names no backend, or the backend does not answer.
        TypeError: There is nothing in the schema to check by.
    """
    parse_url(url)  # a path would be opened too
    sealer = Sealer(allow=allow, key=key)
    validator = StateValidator(schema)
    database = open_database(url)
    try:
        return SafeCheckpointer(database, sealer, validator)
    except BaseException:
        database.close()
        raise


class SafeCheckpointer(WrappedSaver):
    """A checkpointer of LangGraph's with checked contents, for synchronous and asynchronous graphs.

    Beside what lies in it are tables in its `database`, sealed by its `serde`; see `rows`, raw.
    """

    serde: Sealer

    def __init__(self, database: Database, sealer: Sealer, validator: StateValidator) -> None:
        super().__init__(database, sealer)
        self._validator = validator

    def recover(self, thread_id: str) -> RecoveryReport:
        """Set aside what is damaged of a thread; see `agent_patterns.checkpoints.recover`."""
        return recover(self, thread_id)

    def fenced(self, check: Callable[[Session], None]) -> SafeCheckpointer:
        """Return a view; a check in the transaction of each change raises to refuse it."""
        view = copy.copy(self)
        view.database = self.database.guarded(check)
        view.rows = copy.copy(self.rows)
        view.rows.database = view.database
        view.close = lambda: None  # type: ignore[method-assign]  # its original is open
        return view

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return the newest checkpoint of a thread, or the one the config names, verified.

        Raises:
            CheckpointCorrupted: What is stored is not what was saved.
            StateInvalid: The values do not fit the schema.
        """
        with located(config):
            found = self.database.patiently(lambda: self.inner.get_tuple(config))
        return None if found is None else self._opened(found)

    def list(self, config: RunnableConfig | None, **narrowed: Any) -> Iterator[CheckpointTuple]:
        """Yield a thread's checkpoints, newest first, each verified.  Raises like `get_tuple`."""
        with located(config):
            # All at once: the inner one may hold a lock between two items.
            found = self.database.patiently(lambda: [*self.inner.list(config, **narrowed)])
        yield from map(self._opened, found)

    def put(
        self,
        config: RunnableConfig,
        checkpoint: base.Checkpoint,
        metadata: base.CheckpointMetadata,
        new_versions: base.ChannelVersions,
    ) -> RunnableConfig:
        """Validate, seal and store a checkpoint.

        Raises:
            StateInvalid: A value does not fit the schema or cannot be stored; names the key.
        """
        parent = config["configurable"].get("checkpoint_id")
        if parent and checkpoint["id"] < parent:
            raise StateInvalid({"id": f"it would sort below its parent's, {parent}"}, when="save")
        self._validator.check(checkpoint["channel_values"], when="save")
        fields: Any = base.get_serializable_checkpoint_metadata(config, metadata)
        fields.pop(_SEAL, None)
        named = {f"metadata {key}": unstorable(value) for key, value in fields.items()}
        if problems := {key: problem for key, problem in named.items() if problem}:
            raise StateInvalid(problems, when="save")

        def seal(value: Any, *place: Any, name: str) -> bytes:
            if (new := name in new_versions) or self.database.dialect == "sqlite":
                return self.serde.seal(value, *place, name=name, compare=new)
            return b""  # PostgreSQL has stored this version with an earlier checkpoint

        place = (*_place(config)[:2], checkpoint["id"])
        values = each_value(seal, place, checkpoint)
        fields[_SEAL] = self.serde.sign(place, parent, checkpoint, fields)
        sealed: Any = {**checkpoint, "channel_values": values}
        return self.write(lambda saver: saver.put(config, sealed, fields, new_versions))

    def put_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Seal and store what a finished task has written.  Raises like `put`."""
        sealed = self.serde.seal_writes(_place(config), writes, task_id, task_path)
        self.write(lambda saver: saver.put_writes(config, sealed, task_id, task_path))

    def delete_thread(self, thread_id: str) -> None:
        """Delete everything of a thread but its quarantine."""
        self.write(lambda saver: saver.delete_thread(thread_id))

    def get_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, base.DeltaChannelHistory]:
        """Return what a `DeltaChannel` is rebuilt from, each link of the chain verified.

        LangGraph's own walk ends in silence where a link is missing; this one raises.

        Raises:
            CheckpointCorrupted: A checkpoint of the chain is damaged, or it or its writes are gone.
        """
        found: dict[str, base.DeltaChannelHistory] = {
            channel: {"writes": []} for channel in channels
        }
        waiting = set(channels)
        newer = self.get_tuple(config)
        while waiting and newer is not None and newer.parent_config is not None:
            older = self.get_tuple(newer.parent_config)
            with located(newer.config):
                if older is None:
                    gone = "the checkpoint before it, from which it is rebuilt, is gone"
                    raise CheckpointCorrupted(gone)
                for channel in sorted(waiting):
                    writes = [write for write in older.pending_writes or [] if write[1] == channel]
                    both = (newer.checkpoint, older.checkpoint)
                    if not writes and len({it["channel_versions"].get(channel) for it in both}) > 1:
                        gone = f"the writes that {channel!r} is rebuilt from are gone"
                        raise CheckpointCorrupted(gone)
                    found[channel]["writes"] = writes + found[channel]["writes"]
                    if channel in older.checkpoint["channel_values"]:
                        found[channel]["seed"] = older.checkpoint["channel_values"][channel]
                        waiting.discard(channel)
            newer = older
        return found

    def _opened(self, found: CheckpointTuple) -> CheckpointTuple:
        place = _place(found.config)
        parent = (found.parent_config or {"configurable": {}})["configurable"].get("checkpoint_id")
        with located(found.config):
            fields: Any = dict(found.metadata)
            seal = fields.pop(_SEAL, None)
            if seal is None:
                raise NotSealed("it carries no seal")
            fields.pop("writes", None)  # not sealed: PostgreSQL's saver drops it
            self.serde.check(seal, place, parent, found.checkpoint, fields)
            values = each_value(self.serde.unseal, place, found.checkpoint)
            writes: Any = self.serde.unseal_writes(place, found.pending_writes or [])
        self._validator.check(values, when="load")
        checkpoint: Any = {**found.checkpoint, "channel_values": values}
        outrun(found)
        return found._replace(checkpoint=checkpoint, metadata=fields, pending_writes=writes)


def _place(config: RunnableConfig) -> Place:
    its = config["configurable"]
    return str(its["thread_id"]), its.get("checkpoint_ns", ""), its.get("checkpoint_id") or ""
