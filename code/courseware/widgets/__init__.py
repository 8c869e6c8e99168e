"""Widgets of the course: the approval panel, the graph view, and what they are made of."""

from courseware.widgets._frame import show
from courseware.widgets._plot import Plot
from courseware.widgets._requests import PROTOCOL
from courseware.widgets._slider import slider_plot
from courseware.widgets._svg import figure_svg
from courseware.widgets._thread import Busy, NoCheckpointer, NoThread, NotWaiting, PanelError
from courseware.widgets.approval import ApprovalPanel
from courseware.widgets.brackets import MiddlewareOrder
from courseware.widgets.checkpoints import CheckpointExplorer
from courseware.widgets.compare import Recorder, RequestsView
from courseware.widgets.decide import ScriptExhausted, WaitingStopped, decide
from courseware.widgets.gantt import GanttChart
from courseware.widgets.graph import GraphView
from courseware.widgets.machine import MachineView
from courseware.widgets.supersteps import SuperSteps
from courseware.widgets.tokens import TokenView, show_tokens

__all__ = [
    "PROTOCOL",
    "ApprovalPanel",
    "Busy",
    "CheckpointExplorer",
    "GanttChart",
    "GraphView",
    "MachineView",
    "MiddlewareOrder",
    "NoCheckpointer",
    "NoThread",
    "NotWaiting",
    "PanelError",
    "Plot",
    "Recorder",
    "RequestsView",
    "ScriptExhausted",
    "SuperSteps",
    "TokenView",
    "WaitingStopped",
    "decide",
    "figure_svg",
    "show",
    "show_tokens",
    "slider_plot",
]
