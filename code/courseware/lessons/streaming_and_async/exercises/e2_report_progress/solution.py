"""Solve: Report progress."""

from .given import Progress


def make_node(read):
    """Return a node that reads state["documents"] into `texts`, and reports each of them."""

    async def node(state):
        texts = []
        with Progress("Reading", total=len(state["documents"])) as progress:
            for document in state["documents"]:
                texts.append(await read(document))
                progress.advance(document)
        return {"texts": texts}

    return node
