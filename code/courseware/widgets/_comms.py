"""What passes between the kernel and a notebook's widgets while a cell waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from IPython.core.getipython import get_ipython


class _Forgets:
    """An attribute that can be set and is never there."""

    def __get__(self, instance: Any, owner: type) -> Any:
        raise AttributeError

    def __set__(self, instance: Any, value: Any) -> None:
        pass


def keep_order() -> None:
    """Has every widget's messages handled where they are sent to: one thread, in their order.

    JupyterLab sends them all to one subshell. ipykernel 7.4 instead hands those of each widget to
    the shell that last published something on it. A field's new value and the press that follows
    are then handled by two threads, and the press can overtake the value. In the main shell it
    also handles them while a cell waits without telling the browser when it is done, and the
    browser holds the field's next value back for ever. A kernel without that rule is left alone.
    """
    try:
        from ipykernel.comm.comm import BaseComm
    except ImportError:
        return
    if hasattr(BaseComm, "_reply_subshell_for"):
        BaseComm._reply_subshell_id = _Forgets()


@contextmanager
def kept_when_run_again(bundle: Callable[[], Mapping[str, Any]]) -> Iterator[None]:
    """Show the output of a waiting cell once more when that cell is run again.

    JupyterLab empties the cell at once, while the second run has to wait for the first: its panel
    would be gone, and nobody could decide. A kernel that cannot tell is left alone.

    Args:
        bundle: gives the output by MIME type.
    """
    kernel: Any = getattr(get_ipython(), "kernel", None)
    session: Any = getattr(kernel, "session", None)
    cell = _cell(kernel.get_parent("shell")) if session is not None else None
    if cell is None:
        yield
        return
    before, original = session.__dict__.get("deserialize"), session.deserialize
    here = threading.current_thread()
    seen = {kernel.get_parent("shell")["header"]["msg_id"]}

    def deserialize(*args: Any, **options: Any) -> Any:
        message = original(*args, **options)
        header = message.get("header", {})
        again = header.get("msg_type") == "execute_request" and _cell(message) == cell
        if again and header["msg_id"] not in seen and threading.current_thread() is here:
            seen.add(header["msg_id"])
            content = {"data": dict(bundle()), "metadata": {}, "transient": {}}
            session.send(kernel.iopub_socket, "display_data", content, parent=message)
        return message

    session.deserialize = deserialize
    try:
        yield
    finally:
        if before is not None:
            session.deserialize = before
        else:
            session.__dict__.pop("deserialize", None)


def _cell(message: Mapping[str, Any]) -> str | None:
    found = (message.get("metadata") or {}).get("cellId")
    return found if isinstance(found, str) else None
