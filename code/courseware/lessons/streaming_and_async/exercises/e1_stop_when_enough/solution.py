"""Solve: Stop when it is enough."""

from .given import RunStream


async def read_until(graph, input, config, enough):
    """Return the text of the run as far as `enough(text)` lets it go; stop the run there."""
    async with RunStream(graph, input, config) as stream:
        async for _ in stream:
            if enough(stream.text):
                stream.stop()
                break
    return stream.text
