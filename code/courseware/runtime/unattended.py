"""Whether somebody is there to press a button.

Notebooks are also run with nobody in front of them: when they are built, tested by nbval, or
executed from the command line. There a widget cannot be pressed, so what a human would do comes
from a script and what a widget would show is written as text.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

VARIABLE = "AGENT_PATTERNS_UNATTENDED"
"""Environment variable that decides: ``1`` nobody is there, ``0`` somebody is."""

_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off"}


def unattended(environ: Mapping[str, str] | None = None) -> bool:
    """Return True when nobody can press a button.

    The environment variable `VARIABLE` decides. Where it says nothing, a kernel whose client
    cannot answer `input()` (nbclient, nbval, nbconvert) counts as unattended, and so does Python
    outside Jupyter, where no button is drawn at all.

    Raises:
        ValueError: the variable holds something else than a yes or a no.
    """
    value = (os.environ if environ is None else environ).get(VARIABLE, "").strip().lower()
    if value in _YES:
        return True
    if value in _NO:
        return False
    if value:
        raise ValueError(f"{VARIABLE} is {value!r}: set it to 1 or 0, or remove it")
    return not _client_can_answer()


def _client_can_answer() -> bool:
    from IPython.core.getipython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    return kernel is not None and bool(getattr(kernel, "_allow_stdin", True))
