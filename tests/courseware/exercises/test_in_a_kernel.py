"""Checks inside a real kernel: it lives, whatever the learner's cell does."""

from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from courseware.notebooks.environment import kernel_environment

PREPARE = """
import dataclasses, time
from courseware.lessons import exercise
one = dataclasses.replace(exercise("00.1"), time_limit=0.3, checker=lambda answer: answer({}))
slow = dataclasses.replace(one, time_limit=600)
"""


class Kernel:
    """A kernel and what its cells show."""

    def __init__(self, manager: Any, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client

    def run(self, code: str, *, interrupt_at: str | None = None) -> str:
        """Run a cell; the text of its outputs and errors. Interrupt it when it prints that."""
        shown: list[str] = []

        def take(message: dict[str, Any]) -> None:
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    shown.append(content["text"])
                    if interrupt_at is not None and interrupt_at in content["text"]:
                        self.manager.interrupt_kernel()
                case "execute_result" | "display_data":
                    shown.append(content["data"]["text/plain"])
                case "error":
                    shown.extend(content["traceback"])

        self.client.execute_interactive(code, output_hook=take, timeout=60, allow_stdin=False)
        return "\n".join(shown)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    manager, client = start_new_kernel(env=kernel_environment())
    try:
        started = Kernel(manager, client)
        assert started.run(PREPARE) == ""
        yield started
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("def answer(state):\n    exit()\none.check(answer)", "`exit()`"),
        ("def answer(state):\n    quit()\none.check(answer)", "`exit()`"),
        ("def answer(state):\n    input('?')\none.check(answer)", "`input()`"),
        ("import os\none.check(lambda state: os._exit(3))", "`os._exit()`"),
        ("import sys\none.check(lambda state: sys.exit(3))", "`sys.exit()`"),
        ("def answer(state):\n    while True: pass\none.check(answer)", "did not come back"),
        ("async def answer(state):\n    while True: pass\none.check(answer)", "did not come back"),
    ],
)
def test_the_kernel_survives_and_says_what_happened(kernel: Kernel, cell: str, said: str) -> None:
    assert said.replace("`", "") in kernel.run(cell)
    assert kernel.run("6 * 7") == "42"


def test_an_async_answer_is_told_and_warns_no_later_cell(kernel: Kernel) -> None:
    cell = (
        "from courseware.exercises import expect\n"
        "def wrong(answer):\n    expect(answer({}) == 1, 'wrong-sum', 'This is not the sum.')\n"
        "async def answer(state):\n    return 1\n"
        "dataclasses.replace(one, checker=wrong).check(answer)"
    )
    assert "answer is written with async def" in " ".join(kernel.run(cell).split())
    assert kernel.run("import gc; gc.collect(); 6 * 7") == "42"


def test_a_raised_exception_names_the_line_of_the_cell(kernel: Kernel) -> None:
    shown = kernel.run("def answer(state):\n    total = 0\n    return total / 0\none.check(answer)")
    assert "ZeroDivisionError" in shown
    assert "answer, line 3 of the cell: return total / 0" in " ".join(shown.split())
    assert "ipykernel" not in shown


def test_what_the_learners_code_prints_is_shown_with_the_result(kernel: Kernel) -> None:
    shown = kernel.run("def answer(state):\n    print('looking')\n    return 5\none.check(answer)")
    assert "Your code printed:\n    looking" in shown


def test_the_stop_button_ends_a_check(kernel: Kernel) -> None:
    cell = (
        "import threading\n"
        "from courseware.exercises import guard\n"
        "said = threading.Event()\n"
        "def answer(state):\n    said.set()\n    while True: pass\n"
        "threading.Thread(target=lambda: (said.wait(), print('begun', flush=True))).start()\n"
        "slow.check(answer)"
    )
    shown = kernel.run(cell, interrupt_at="begun").splitlines()
    said = "Stopped by you: the check was not finished, and nothing was recorded."
    assert [line for line in shown if line] == ["begun", said]
    left = (
        "[t for t in threading.enumerate() if 'check' in t.name and (t.join(60) or t.is_alive())]"
    )
    assert kernel.run(left) == "[]"


def test_a_check_works_in_a_cell_that_awaits(kernel: Kernel) -> None:
    cell = "import asyncio\nawait asyncio.sleep(0)\none.check(lambda state: {})"
    assert "passed" in kernel.run(cell)


def test_a_cell_shows_hint_and_solution_both(kernel: Kernel) -> None:
    shown = kernel.run('exercise("00.1").hint()\nexercise("00.1").solution()')
    assert "00.1" in shown
    assert ": hints" in shown
    assert ": solution" in shown
