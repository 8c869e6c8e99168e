"""Solve: A letter that can be stopped and resumed."""

from .given import RunStream, asyncio


async def write_letter(graph, config, question, pressed, show):
    """Write a letter, or resume one (question None); return "finished" or "stopped"."""
    start = None if question is None else {"question": question}
    async with RunStream(graph, start, config) as stream:

        async def wait_for_button():
            await pressed.wait()
            stream.stop()

        button = asyncio.ensure_future(wait_for_button())
        try:
            seen = 0
            async for _ in stream:
                if len(stream.text) > seen:
                    show(stream.text[seen:])
                    seen = len(stream.text)
        finally:
            button.cancel()
    return stream.ended
