"""Play back a run at a pace that a person can follow, and show any moment of it again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from courseware.widgets._range import Range

Frame = TypeVar("Frame")

DWELL = 0.4
"""Seconds for which a moment of the run stays in view at least."""
LONGEST = 12.0
"""Seconds that a playback takes at most: a run of many steps is played faster."""


class Player(Generic[Frame]):
    """Keeps the moments of a run and shows them one after another, each long enough to be seen.

    A run may be over in 35 ms: what it streams is queued here and played from a thread of its own,
    so that neither the run nor the notebook waits for the picture.

    Args:
        draw: shows a frame; called from the playing thread too.
        attended: somebody watches; otherwise only the newest frame is drawn.
        dwell: seconds for each frame.
    """

    def __init__(
        self, draw: Callable[[Frame], None], attended: Callable[[], bool], dwell: float = DWELL
    ) -> None:
        self._draw, self._attended, self.dwell = draw, attended, dwell
        self._frames: list[Frame] = []
        self._shown = 0
        self._run = 0
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None
        self._moving = False
        self.slider = Range("Replay", low=0, high=1, live=True)
        self.slider.layout.width = "100%"
        self.slider.layout.display = "none"
        self.slider.observe(self._dragged, names="value")

    def clear(self) -> None:
        """Forget the run; what was not played yet never is."""
        with self._news:
            self._frames.clear()
            self._shown = 0
            self._run += 1
            self._news.notify_all()
            self.slider.layout.display = "none"

    def add(self, frame: Frame, replace: bool = False) -> None:
        """Queue a moment of the run.

        Args:
            frame: the moment.
            replace: it takes the place of the newest one, if that was not shown yet.
        """
        if not self._attended():
            self._frames = [frame]
            self._draw(frame)
            return
        with self._news:
            if self._frames and self._frames[-1] == frame:
                return
            if replace and self._shown < len(self._frames):
                self._frames[-1] = frame
            else:
                self._frames.append(frame)
            if self._thread is None:
                self._thread = threading.Thread(target=self._play, daemon=True)
                self._thread.start()
            self._news.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until all is played; tell whether it is."""
        with self._news:
            return self._news.wait_for(lambda: self._thread is None, seconds)

    def _play(self) -> None:
        while True:
            with self._news:
                if self._shown >= len(self._frames):
                    self._thread = None
                    self._offer()
                    self._news.notify_all()
                    return
                frame, left = self._frames[self._shown], len(self._frames) - self._shown
                self._shown += 1
                self._draw(frame)
                run = self._run
                dwell = min(self.dwell, LONGEST / left)
                self._news.wait_for(partial(self._begun_after, run), dwell)

    def _begun_after(self, run: int) -> bool:
        """Tell whether a new run has begun: it is shown at once."""
        return self._run != run

    def _offer(self) -> None:
        """Offer the slider once everything has been played."""
        if len(self._frames) < 3:
            return
        self._moving = True
        self.slider.high = len(self._frames) - 1
        self.slider.value = len(self._frames) - 1
        self._moving = False
        self.slider.layout.display = ""

    def _dragged(self, change: object) -> None:
        with self._lock:
            if not self._moving and self.slider.value < len(self._frames):
                self._draw(self._frames[self.slider.value])
