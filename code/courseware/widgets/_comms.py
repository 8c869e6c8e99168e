"""Which thread of the kernel handles what a widget's browser side sends."""

from __future__ import annotations

from typing import Any


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
