"""The kit for exercises that are checked by what the learner's object does.

In a notebook::

    exercise("05.1").check(my_agent)     # passed, failed, raised or unattempted, and why
    exercise("05.1").hint()              # one step further each time
    exercise("05.1").solution()          # the reference solution and what to notice in it

How to add an exercise
======================
An exercise is a folder ``courseware/lessons/<lesson>/exercises/e1_what_to_do/``, and nothing needs
registering. Its number comes from the folder's name, and each text is stored once:

* **the starter** is a code cell of the page, and only there. Its last line is
  ``exercise("05.1").check(send)``. It must run. Placeholders that count as *unattempted*, with
  nothing to do in the check: an answer that is ``...`` or ``None``, a function whose body is only
  ``...``, ``pass`` or a docstring, and ``raise NotImplementedError`` wherever it comes up. For
  anything else (a graph with a missing edge) the check raises :class:`Unattempted` with a sentence.
* **check.py** defines ``check``, a plain or an ``async`` function. Its parameters have the names
  that the starter hands over. It *returns* when the answer is right, and otherwise raises
  :class:`Wrong` with a misconception (kebab-case) and the sentence that helps, or uses
  :func:`expect`::

      def check(send: Callable[[str], None]) -> None:
          outbox: list[str] = []
          ...
          expect(not outbox, "sends-before-approval", "An e-mail left before anybody approved…")

  It looks at behaviour, never at names or text that a different right answer would not share.
  Names, values, counts and recipients come from :func:`chance`, every limit is probed on both
  sides, and the message tells what was drawn. An exception of the learner's code may pass through:
  it is shown as *raised*, with its line and, inside ``with expecting("…"):``, with what the
  exercise expected there. The check runs in a thread of its own (an async one in
  that thread's own event loop), under a time limit; ``sys.exit``, ``os._exit`` and ``input`` are
  caught; see `guard.py` for what cannot be. An ``async def`` where a plain function belongs is
  recognised by the coroutine that nobody awaited.
* **solution.py** is the reference solution, shown without its docstring. What earlier cells of the
  page define lies in **given.py**, if anything does; the solution takes it with
  ``from .given import …``, a line that is not shown.
* **exercise.toml** holds ``title``, ``difficulty``, ``minutes``, ``hints`` (from a nudge to nearly
  the answer), ``notes`` (what to notice in the solution), ``now`` (what the learner can do after
  passing, and what comes next) and perhaps ``time_limit`` in seconds.

In the page an exercise is a heading, its why, and two cells::

    ```python
    <starter>

    exercise("05.1").check(send)
    ```

    ```python
    # exercise("05.1").hint()
    # exercise("05.1").solution()
    ```

How it is tested
================
``tests/lessons/test_exercises.py`` finds every exercise and, with the cases of
``tests/lessons/<lesson>/cases.py``, proves: the starter is unattempted; the solution passes; at
least two *different* right answers pass; at least four wrong answers fail, each with the
misconception that it is listed under; and an answer that games the check fails. A case is the
source of a whole answer, run after ``given.py``::

    from tests.lessons.cases import Cases

    CASES = {
        "what_to_do": Cases(
            right=["def send(…): …", "…"],
            wrong=[("sends-before-approval", "def send(…): …"), …],
            cheats=["def send(…): …"],
        ),
    }
"""

from courseware.exercises.exercise import Exercise, load
from courseware.exercises.shown import Result
from courseware.exercises.verdict import (
    Outcome,
    Unattempted,
    Wrong,
    chance,
    expect,
    expecting,
)

__all__ = [
    "Exercise", "Outcome", "Result", "Unattempted", "Wrong",
    "chance", "expect", "expecting", "load",
]  # fmt: skip
