"""Build the order's graph around a `charge` node, and the bank that it charges."""

from __future__ import annotations

import operator
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Annotated, Any, TypedDict

import ormsgpack
import psycopg
from langgraph.graph import START, StateGraph

NODES = ("price", "reserve", "charge", "pack", "confirm")


class Order(TypedDict, total=False):
    """An order on its way through the shop; the total is in cents."""

    number: str
    lines: dict[str, int]
    bank: str
    total: int
    done: Annotated[list[str], operator.add]


class Bank:
    """A bank in a file of its own, which takes no money twice for the same key."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with closing(sqlite3.connect(self.path)) as books, books:
            books.execute("CREATE TABLE IF NOT EXISTS asked (key TEXT)")
            books.execute("CREATE TABLE IF NOT EXISTS charged (key TEXT PRIMARY KEY, cents INT)")

    def charge(self, cents: int, key: str) -> str:
        """Take the money unless the key is known; return the receipt."""
        with closing(sqlite3.connect(self.path)) as books, books:
            books.execute("INSERT INTO asked VALUES (?)", (key,))
            books.execute("INSERT OR IGNORE INTO charged VALUES (?, ?)", (key, cents))
        return f"{cents / 100:.2f} euros received"

    @property
    def asked(self) -> int:
        """Return how often somebody asked it to charge."""
        with closing(sqlite3.connect(self.path)) as books:
            return int(books.execute("SELECT count(*) FROM asked").fetchone()[0])

    @property
    def charged(self) -> list[int]:
        """Return the amounts that it took, in cents."""
        with closing(sqlite3.connect(self.path)) as books:
            return [row[0] for row in books.execute("SELECT cents FROM charged ORDER BY rowid")]


def order_graph(
    checkpointer: Any,
    step: Callable[[str], object],
    charge: Callable[[Order], Order] | None = None,
) -> Any:
    """Return price -> reserve -> charge -> pack -> confirm; every node tells `step` its name.

    Args:
        checkpointer: Where the state is stored.
        step: Is told the name of each node that begins.
        charge: The node `charge`, which calls `step` itself; by default it does nothing more.
    """

    def node(name: str) -> Callable[[Order], Order]:
        def run(order: Order) -> Order:
            step(name)
            update: Order = {"done": [name]}
            if name == "price":
                update["total"] = 450 * sum(order["lines"].values())
            return update

        return run

    nodes = {name: node(name) for name in NODES}
    if charge is not None:
        nodes["charge"] = charge
    builder: Any = StateGraph(Order)
    builder.add_sequence(list(nodes.items()))
    builder.add_edge(START, NODES[0])
    return builder.compile(checkpointer=checkpointer)


def one_cent_more(path: Path) -> None:
    """Change one byte of the newest checkpoint in a SQLite file: 1350 cents become 1351."""
    with closing(sqlite3.connect(path)) as database, database:
        ((newest, stored),) = database.execute(
            "SELECT checkpoint_id, checkpoint FROM checkpoints ORDER BY checkpoint_id DESC LIMIT 1"
        )
        changed = stored.replace(ormsgpack.packb(1350), ormsgpack.packb(1351))
        assert changed != stored
        database.execute(
            "UPDATE checkpoints SET checkpoint = ? WHERE checkpoint_id = ?", (changed, newest)
        )


def stop_before_charge(checkpointer: Any, number: str = "MF-1042") -> None:
    """Leave an order that has been priced and reserved, because the bank is away."""

    def charge(order: Order) -> Order:
        raise ConnectionError("the bank is away")

    order: Any = {"number": number, "lines": {"notebook A5": 2, "ink": 1}, "done": []}
    graph = order_graph(checkpointer, lambda name: None, charge)
    with suppress(ConnectionError):
        graph.invoke(order, {"configurable": {"thread_id": number}}, durability="sync")


def cut_connections(database: str) -> None:
    """End every client's connection to a PostgreSQL database, as a restart of the server does."""
    with psycopg.connect(database, autocommit=True) as administrator:
        administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database() "
            "AND backend_type = 'client backend'"
        )
