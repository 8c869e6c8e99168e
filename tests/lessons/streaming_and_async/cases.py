"""Answers to lesson 14's exercises."""

from tests.lessons.cases import Cases

PROGRESS = """
def make_node(read):
    async def node(state):
        {before}
        texts = []
        for number, document in enumerate(state["documents"], 1):
            {each}
        {after}
        return {{"texts": texts}}
    return node
"""


def progress(each: str, *, before: str = "write = get_stream_writer()", after: str = "pass") -> str:
    indented = each.replace("\n", "\n            ")
    return PROGRESS.format(before=before, each=indented, after=after)


READ = "texts.append(await read(document))"
TRIED = """try:
    texts.append(await read(document))
except Exception as error:
    write({"done": len(texts), "error": str(error)})
    raise
"""

LETTER = """
async def write_letter(graph, config, question, pressed, show):
    start = {start}
    async with RunStream(graph, start, config) as stream:
        async def wait_for_button():
            await pressed.wait()
            stream.stop()
        button = asyncio.ensure_future(wait_for_button())
        seen = 0
        async for _ in stream:
            {take}
        {end}
    return {returned}
"""


def letter(**changes: str) -> str:
    parts = {
        "start": 'None if question is None else {"question": question}',
        "take": "if len(stream.text) > seen: show(stream.text[seen:]); seen = len(stream.text)",
        "end": "button.cancel()",
        "returned": "stream.ended",
    }
    return LETTER.format(**{**parts, **changes})


LEFT_BEHIND = """
letters = []

async def write_letter(graph, config, question, pressed, show):
    start = None if question is None else {"question": question}
    async with RunStream(graph, start, config) as stream:
        async def wait_for_button():
            await pressed.wait()
            stream.stop()
            await asyncio.Event().wait()  # for the next letter
        letters.append(asyncio.ensure_future(wait_for_button()))
        seen = 0
        async for _ in stream:
            if len(stream.text) > seen:
                show(stream.text[seen:])
                seen = len(stream.text)
    return stream.ended
"""

CASES = {
    "stop_when_enough": Cases(
        right=[
            """
async def read_until(graph, input, config, enough):
    async with RunStream(graph, input, config, modes=["messages"]) as stream:
        async for _ in stream:
            if enough(stream.text):
                break
    return stream.text
""",
            """
async def read_until(graph, input, config, enough):
    text = ""
    parts = graph.astream(input, config, stream_mode="messages", durability="sync")
    try:
        async for chunk, _ in parts:
            if chunk.type == "AIMessageChunk":
                text += chunk.text
            if enough(text):
                break
    finally:
        await parts.aclose()
    return text
""",
        ],
        wrong=[
            (
                "sends-all-the-same",
                """
async def read_until(graph, input, config, enough):
    text = ""
    async for chunk, _ in graph.astream(input, config, stream_mode="messages"):
        if chunk.type == "AIMessageChunk" and not enough(text):
            text += chunk.text
    return text
""",
            ),
            (
                "writes-on",
                """
kept = []
async def read_until(graph, input, config, enough):
    text = ""
    parts = graph.astream(input, config, stream_mode="messages")
    kept.append(parts)
    async for chunk, _ in parts:
        text += chunk.text if chunk.type == "AIMessageChunk" else ""
        if enough(text):
            break
    return text
""",
            ),
            (
                "writes-on",
                """
async def read_until(graph, input, config, enough):
    text = ""
    async for chunk, _ in graph.astream(input, config, stream_mode="messages"):
        text += chunk.text if chunk.type == "AIMessageChunk" else ""
        if enough(text):
            break
    return text
""",
            ),
            (
                "returns-no-text",
                """
async def read_until(graph, input, config, enough):
    async with RunStream(graph, input, config) as stream:
        async for _ in stream:
            if enough(stream.text):
                stream.stop()
""",
            ),
            (
                "returns-another-text",
                """
async def read_until(graph, input, config, enough):
    last = ""
    async with RunStream(graph, input, config) as stream:
        async for part in stream:
            if part["type"] == "messages":
                last = part["data"][0].text
            if enough(stream.text):
                break
    return last
""",
            ),
            (
                "ends-too-early",
                """
async def read_until(graph, input, config, enough):
    async with RunStream(graph, input, config) as stream:
        async for part in stream:
            if enough(stream.text) or part["type"] == "updates" and "write" in part["data"]:
                break
    return stream.text
""",
            ),
            (
                "cannot-be-resumed",
                """
async def read_until(graph, input, config, enough):
    other = {"configurable": {"thread_id": "another"}}
    async with RunStream(graph, input, other) as stream:
        async for _ in stream:
            if enough(stream.text):
                break
    return stream.text
""",
            ),
        ],
        cheats=[
            """
async def read_until(graph, input, config, enough):
    return "ink1 pen2"
""",
        ],
        unattempted=["async def read_until(graph, input, config, enough):\n    ..."],
    ),
    "report_progress": Cases(
        right=[
            progress(TRIED + 'write({"done": number, "of": len(state["documents"])})'),
            """
def make_node(read):
    async def node(state):
        texts = []
        with Progress("Documents") as bar:
            for document in state["documents"]:
                text = await read(document)
                texts += [text]
                bar.advance()
        return {"texts": texts}
    return node
""",
            """
def make_node(read):
    async def node(state):
        with Progress("Documents") as bar:
            async def one(document):
                text = await read(document)
                bar.advance(document)
                return text
            return {"texts": await asyncio.gather(*map(one, state["documents"]))}
    return node
""",
        ],
        wrong=[
            ("reports-nothing", progress(f"{READ}\nprint(number)")),
            ("reports-without-numbers", progress(f"{READ}\nwrite(f'read {{document}}')")),
            (
                "reports-at-the-end",
                progress(
                    READ,
                    after='for n in range(1, len(texts) + 1): write({"done": n})',
                ),
            ),
            (
                "goes-backwards",
                progress(READ + '\nwrite({"done": len(state["documents"]) - number})'),
            ),
            ("skips-documents", progress(f'write({{"done": number - 1}})\n{READ}')),
            (
                "loses-the-result",
                progress(READ + '\nwrite({"done": number})', after='return {"texts": len(texts)}'),
            ),
            (
                "hides-an-error",
                progress(
                    "try:\n    texts.append(await read(document))\nexcept Exception:\n    break\n"
                    'write({"done": number})'
                ),
            ),
            ("never-says-how-it-ended", progress(READ + '\nwrite({"done": number})')),
            (
                "counts-a-failure",
                """
def make_node(read):
    async def node(state):
        texts = []
        with Progress("Reading") as bar:
            for document in state["documents"]:
                bar.advance(document)
                texts.append(await read(document))
        return {"texts": texts}
    return node
""",
            ),
        ],
        cheats=[
            progress(
                READ,
                before="write = get_stream_writer()\n        "
                'for n in range(1, 4): write({"done": n})',
            ),
        ],
        unattempted=["def make_node(read):\n    ..."],
    ),
    "stop_and_resume": Cases(
        right=[
            letter(take="new = stream.text[seen:]; seen = len(stream.text); new and show(new)"),
            """
async def write_letter(graph, config, question, pressed, show):
    start, seen = None if question is None else {"question": question}, 0
    async with RunStream(graph, start, config) as stream:
        parts, button = aiter(stream), asyncio.ensure_future(pressed.wait())
        while True:
            part = asyncio.ensure_future(anext(parts, None))
            await asyncio.wait({part, button}, return_when=asyncio.FIRST_COMPLETED)
            if button.done() or part.result() is None:
                break
            if len(stream.text) > seen:
                show(stream.text[seen:])
                seen = len(stream.text)
        ended = "stopped" if button.done() else "finished"
        for task in (part, button):
            task.cancel()
        await asyncio.wait({part, button})
    return ended
""",
            """
async def write_letter(graph, config, question, pressed, show):
    start = None if question is None else {"question": question}

    async def run():
        async for chunk, _ in graph.astream(
            start, config, stream_mode="messages", durability="sync"
        ):
            if chunk.type == "AIMessageChunk" and chunk.text:
                show(chunk.text)

    running = asyncio.ensure_future(run())
    while not running.done() and not pressed.is_set():
        await asyncio.wait({running}, timeout=0.05)
    ended = "finished" if running.done() else "stopped"
    running.cancel()
    await asyncio.wait({running})
    return ended
""",
            """
async def write_letter(graph, config, question, pressed, show):
    start = None if question is None else {"question": question}

    async def run():
        parts = graph.astream(start, config, stream_mode="messages", durability="sync")
        async for chunk, _ in parts:
            if chunk.type == "AIMessageChunk" and chunk.text:
                show(chunk.text)

    running = asyncio.ensure_future(run())
    button = asyncio.ensure_future(pressed.wait())
    done, _ = await asyncio.wait({running, button}, return_when=asyncio.FIRST_COMPLETED)
    finished = running in done
    running.cancel()
    button.cancel()
    await asyncio.wait({running, button})
    return "finished" if finished else "stopped"
""",
        ],
        wrong=[
            (
                "waits-for-the-next-token",
                """
async def write_letter(graph, config, question, pressed, show):
    start = None if question is None else {"question": question}
    seen = 0
    async with RunStream(graph, start, config) as stream:
        async for _ in stream:
            if len(stream.text) > seen:
                show(stream.text[seen:])
                seen = len(stream.text)
            if pressed.is_set():
                stream.stop()
    return stream.ended
""",
            ),
            ("leaves-work-running", LEFT_BEHIND),
            ("leaves-work-running", letter(end="pass")),
            (
                "waits-for-the-next-token",
                letter(
                    returned='"stopped" if stream.ended == "drained" else stream.ended',
                ).replace("stream.stop()", "stream.drain()"),
            ),
            ("says-nothing-of-the-end", letter(returned="stream.text")),
            ("shows-all-at-once", letter(take="pass", end="show(stream.text); button.cancel()")),
            ("shows-something-else", letter(take="show(stream.text)")),
            ("starts-over", letter(start='{"question": question or "Write."}')),
            ("starts-over", letter(start='{"question": question}')),
            (
                "cannot-be-resumed",
                letter(start='{"question": question}').replace(
                    "    async with", "    if question is None: return 'finished'\n    async with"
                ),
            ),
            (
                "sends-all-the-same",
                """
async def write_letter(graph, config, question, pressed, show):
    start = None if question is None else {"question": question}
    ended = "finished"
    async def run():
        async for chunk, _ in graph.astream(start, config, stream_mode="messages"):
            if chunk.type == "AIMessageChunk" and chunk.text and not pressed.is_set():
                show(chunk.text)
    running = asyncio.ensure_future(run())
    button = asyncio.ensure_future(pressed.wait())
    await asyncio.wait({running, button}, return_when=asyncio.FIRST_COMPLETED)
    if pressed.is_set():
        return "stopped"
    button.cancel()
    return "finished"
""",
            ),
        ],
        cheats=[
            """
async def write_letter(graph, config, question, pressed, show):
    show("ink1 ")
    show("pen2")
    return "stopped" if pressed.is_set() else "finished"
""",
        ],
        unattempted=[
            "async def write_letter(graph, config, question, pressed, show):\n    ...",
        ],
    ),
}
