"""Walk the older checkpoints that a `DeltaChannel` (beta) is rebuilt from, and miss none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple, DeltaChannelHistory

from agent_patterns.checkpoints.errors import CheckpointCorrupted


def history_of(
    get_tuple: Callable[[RunnableConfig], CheckpointTuple | None],
    config: RunnableConfig,
    channels: Sequence[str],
) -> dict[str, DeltaChannelHistory]:
    """Return each channel's writes, oldest first, and the stored value that they start from.

    LangGraph's own walk ends in silence where a link is missing; this one raises.

    Raises:
        CheckpointCorrupted: A checkpoint of the chain is damaged, or it or its writes are gone.
    """
    found: dict[str, DeltaChannelHistory] = {channel: {"writes": []} for channel in channels}
    waiting = set(channels)
    newer = get_tuple(config)
    while waiting and newer is not None and newer.parent_config is not None:
        older = get_tuple(newer.parent_config)
        if older is None:
            raise _broken(newer, "the checkpoint before it, from which it is rebuilt, is gone")
        for channel in sorted(waiting):
            writes = [write for write in older.pending_writes or [] if write[1] == channel]
            if not writes and _version(newer, channel) != _version(older, channel):
                raise _broken(newer, f"the writes that {channel!r} is rebuilt from are gone")
            found[channel]["writes"] = writes + found[channel]["writes"]
            if channel in older.checkpoint["channel_values"]:
                found[channel]["seed"] = older.checkpoint["channel_values"][channel]
                waiting.discard(channel)
        newer = older
    return found


def delta_channels(found: CheckpointTuple) -> list[str]:
    """Return the channels of a checkpoint whose values are rebuilt from older ones."""
    counters: Any = found.metadata.get("counters_since_delta_snapshot") or {}
    return [name for name in counters if name not in found.checkpoint["channel_values"]]


def _version(found: CheckpointTuple, channel: str) -> Any:
    return found.checkpoint["channel_versions"].get(channel)


def _broken(found: CheckpointTuple, reason: str) -> CheckpointCorrupted:
    place = found.config["configurable"]
    return CheckpointCorrupted(
        reason, thread_id=str(place["thread_id"]), checkpoint_id=str(place["checkpoint_id"])
    )
