"""From the click to the shown result: the approval panel against bare ipywidgets.

A real kernel, pressed as JupyterLab presses it, by a comm message, and timed until the message
that shows the result comes back. Three buttons take turns: one whose handler only writes a text,
one whose handler resumes the same graph and writes a text, and the approval panel's.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from benchmarks import Measurement

PATIENCE = 60.0
"""Seconds after which a kernel that does not answer counts as broken."""

SETUP = """
import ipywidgets
from typing import TypedDict
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
from courseware.widgets import ApprovalPanel

class State(TypedDict, total=False):
    answer: dict

def ask(state):
    return {"answer": interrupt({"action": "refund", "args": {"order": "A-1042"}})}

builder = StateGraph(State)
builder.add_node("ask", ask)
builder.add_edge(START, "ask")
builder.add_edge("ask", END)
graph = builder.compile(checkpointer=InMemorySaver())

def waiting(name):
    config = {"configurable": {"thread_id": name}}
    graph.invoke({}, config)
    return config

def bare(name):
    button, text = ipywidgets.Button(description=name), ipywidgets.HTML("")
    def press(_button):
        text.value = "shown " + name
    button.on_click(press)
    return button

def resuming(name):
    config = waiting(name)
    button, text = ipywidgets.Button(description=name), ipywidgets.HTML("")
    def press(_button):
        graph.invoke(Command(resume={"type": "approve"}), config)
        text.value = "shown " + name
    button.on_click(press)
    return button

kept = []
"""


class Kernel:
    """A running kernel and its open widgets, as a front end knows them."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client
        self.states: dict[str, dict[str, Any]] = {}

    def run(self, code: str) -> None:
        """Execute code and keep the widgets it makes.

        Raises:
            RuntimeError: the code raised.
        """
        request = self._client.execute(code)
        while True:
            message = self.next()
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "error":
                raise RuntimeError(f"{content['ename']}: {content['evalue']}")
            if message["msg_type"] == "status" and content["execution_state"] == "idle":
                return

    def next(self) -> dict[str, Any]:
        """Return the next message of the kernel; widgets' states are kept up to date."""
        message: dict[str, Any] = self._client.get_iopub_msg(timeout=PATIENCE)
        content = message["content"]
        if message["msg_type"] == "comm_open":
            self.states[content["comm_id"]] = dict(content["data"].get("state", {}))
        elif message["msg_type"] == "comm_msg" and content["data"].get("method") == "update":
            self.states.setdefault(content["comm_id"], {}).update(content["data"]["state"])
        return message

    def press(self, button: str) -> str:
        """Send what a click in the browser sends; return the message's id."""
        data = {"method": "custom", "content": {"event": "click"}}
        message = self._client.session.msg("comm_msg", {"comm_id": button, "data": data})
        self._client.shell_channel.send(message)
        sent: str = message["header"]["msg_id"]
        return sent

    def buttons(self, description: str) -> list[str]:
        """Widget ids of all buttons with that text, in the order in which they were made."""
        return [
            name
            for name, state in self.states.items()
            if state.get("_model_name") == "ButtonModel" and state.get("description") == description
        ]

    def until_shown(self, text: str) -> None:
        """Read messages until an HTML widget shows `text`."""
        while True:
            message = self.next()
            if message["msg_type"] != "comm_msg":
                continue
            value = message["content"]["data"].get("state", {}).get("value")
            if isinstance(value, str) and text in value:
                return

    def settle(self, sent: str) -> None:
        """Read messages until the kernel has done with a message."""
        while True:
            message = self.next()
            idle = message["content"].get("execution_state") == "idle"
            if idle and message["parent_header"].get("msg_id") == sent:
                return


@contextmanager
def kernel() -> Iterator[Kernel]:
    """Yield a fresh kernel, shut down at the end."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client: BlockingKernelClient = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        yield Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def seconds_to_shown(
    kernel: Kernel, button: str, text: str, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Seconds from the click to the message that shows `text`."""
    start = clock()
    sent = kernel.press(button)
    kernel.until_shown(text)
    took = clock() - start
    kernel.settle(sent)
    return took


def run(quick: bool) -> list[Measurement]:
    """Measures the three buttons in turn, each on a thread of its own."""
    rounds = 5 if quick else 40
    with kernel() as running:
        running.run(SETUP)
        names = [f"{number:03}" for number in range(rounds + 1)]
        for name in names:
            running.run(
                f"kept += [bare('bare {name}'), resuming('resume {name}'),"
                f" ApprovalPanel(graph, waiting('panel {name}'))]"
            )
        panels = running.buttons("Approve")
        samples: dict[str, list[float]] = {"bare": [], "resume": [], "panel": []}
        for number, name in enumerate(names):
            for kind in ("bare", "resume"):
                (button,) = running.buttons(f"{kind} {name}")
                samples[kind].append(seconds_to_shown(running, button, f"shown {kind} {name}"))
            samples["panel"].append(seconds_to_shown(running, panels[number], "Approved"))
    medians = {kind: statistics.median(values[1:]) for kind, values in samples.items()}
    return [
        Measurement(
            "approval panel, click to shown result, against a bare ipywidgets round trip",
            medians["panel"] / medians["bare"],
            note="the panel runs the graph and reads where it stands then",
        ),
        Measurement(
            "approval panel, click to shown result, against a bare handler that resumes the graph",
            medians["panel"] / medians["resume"],
        ),
    ]
