"""Widgets of the course: the approval panel, the graph view, and what they are made of."""

from courseware.widgets._frame import show
from courseware.widgets._requests import PROTOCOL
from courseware.widgets._slider import slider_plot
from courseware.widgets._svg import figure_svg
from courseware.widgets._thread import Busy, NoCheckpointer, NoThread, NotWaiting, PanelError
from courseware.widgets.approval import ApprovalPanel
from courseware.widgets.checkpoints import CheckpointExplorer
from courseware.widgets.decide import ScriptExhausted, WaitingStopped, decide
from courseware.widgets.graph import GraphView

__all__ = [
    "PROTOCOL",
    "ApprovalPanel",
    "Busy",
    "CheckpointExplorer",
    "GraphView",
    "NoCheckpointer",
    "NoThread",
    "NotWaiting",
    "PanelError",
    "ScriptExhausted",
    "WaitingStopped",
    "decide",
    "figure_svg",
    "show",
    "slider_plot",
]
