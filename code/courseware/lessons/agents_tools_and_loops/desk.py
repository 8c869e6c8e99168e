"""The support desk's books: orders and stock, and the two tools that read them."""

from __future__ import annotations

from langchain_core.tools import BaseTool, tool

ORDERS = {
    "MF-1042": "shipped on Monday, arrives on Thursday",
    "MF-1043": "waiting for blue ink",
    "MF-1044": "delivered, left with a neighbour",
}
STOCK = {"notebook": 120, "fountain pen": 14, "ink bottle": 0}


@tool
def look_up_order(order_id: str) -> str:
    """Look up the status of an order by its id, such as MF-1042."""
    return ORDERS.get(order_id, f"There is no order {order_id}.")


@tool
def check_stock(item: str) -> str:
    """Say how many pieces of an item are in stock."""
    return f"{STOCK.get(item.removesuffix('s'), 0)} in stock"


TOOLS = [look_up_order, check_stock]


def flaky(failures: int = 1) -> BaseTool:
    """Return an order look-up whose first calls fail."""
    down = [ConnectionError("the order service is down")] * failures

    @tool("look_up_order")
    def look_up(order_id: str) -> str:
        """Look up the status of an order by its id, such as MF-1042."""
        if down:
            raise down.pop()
        return ORDERS[order_id]

    return look_up
