"""Hold what earlier cells of the page import and define."""

from collections import deque
