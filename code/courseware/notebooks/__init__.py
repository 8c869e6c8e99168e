"""Lessons: `modules/NN_name.md` is the source, `notebooks/NN_name.ipynb` is made from it.

A module is GitHub markdown without a header. Its top-level ```` ```python ```` fences are the code
cells; the text between two fences is one markdown cell, or several where two blank lines part it.
A fence may carry tags: ```` ```python tags=["raises-exception"] ````. A fence in another language,
inside a list, or marked ```` ```python .noeval ```` stays text. The way is one way: nothing that is
changed in a notebook comes back into the module.
"""

from courseware.notebooks.build import main
from courseware.notebooks.checking import Fault, faults
from courseware.notebooks.nbval import nbval_command
from courseware.notebooks.source import Cell, ModuleError, cells, fresh_notebook

__all__ = [
    "Cell",
    "Fault",
    "ModuleError",
    "cells",
    "faults",
    "fresh_notebook",
    "main",
    "nbval_command",
]
