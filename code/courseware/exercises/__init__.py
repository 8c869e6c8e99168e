"""Exercises that are checked by what the learner's object does.

In a notebook::

    from courseware.exercises import exercise

    exercise("05.1").check(my_agent)     # passed, failed, raised or unattempted, and why
    exercise("05.1").hint()              # one step further each time
    exercise("05.1").solution()          # the reference solution and what to notice in it

How to add an exercise
======================
One file per module, ``courseware/exercises/module_NN.py``, holds a tuple ``EXERCISES`` of
:class:`Exercise`; `module_00.py` is the example to copy. Nothing needs registering.

* **starter** is the whole code cell of ``modules/NN_name.md``, character for character, without
  the last line ``exercise("NN.k").check(…)``, which the framework writes itself
  (:attr:`Exercise.cell`). It must run. Placeholders that count as *unattempted*, with nothing to do
  in the checker: an answer that is ``...`` or ``None``, a function whose body is only ``...``,
  ``pass`` or a docstring, and ``raise NotImplementedError`` wherever it comes up. For anything
  else (a graph with a missing edge, a policy with default values) the checker raises
  :class:`Unattempted` with a sentence.
* **answers** names the objects of that cell that the check receives, in order.
* **solution_code** replaces the starter, and is run by the tests; it may also define more names.
  Both must bring their imports, or **setup** does (what earlier cells of the notebook
  import or define; run before either by the tests, not shown).
* **checker** is a plain or an ``async`` function that takes the answers. It *returns* when the
  answer is right, and raises :class:`Wrong` with a misconception (kebab-case) and the sentence
  that helps, or uses :func:`expect`::

      def check_sender(send: Callable[[str], None]) -> None:
          outbox: list[str] = []
          ...
          expect(not outbox, "sends-before-approval", "An e-mail left before anybody approved…")

  It looks at behaviour, never at names or text that a different right answer would not share. An
  exception of the learner's code may simply pass through: it is shown as *raised*, with its line.
  The checker runs in a thread of its own (an async one in that thread's own event loop), under a
  time limit (**time_limit**, seconds; tenfold when live); ``sys.exit``, ``os._exit`` and
  ``input`` are caught; see `guard.py` for what cannot be.  A function that should be plain and is
  an ``async def`` is recognised by the coroutine that nobody awaited; the checker need not look.
* **hints** go from a nudge to nearly the answer; **notes** say what to notice in the solution.

In the module's markdown an exercise is a heading, its why, and two cells::

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
``tests/exercises/test_exercises.py`` finds every exercise and, with the cases of
``tests/exercises/cases_NN.py``, proves: the starter is unattempted, and equals the module's cell;
the solution passes; at least one *different* right answer passes; at least three wrong answers
fail, each with the misconception that it is listed under. A case is the source of a whole answer,
run after ``setup``::

    from tests.courseware.exercises.cases import Cases

    CASES = {
        "05.1": Cases(
            right=["def send(…): …"],
            wrong=[("sends-before-approval", "def send(…): …"), …],
        ),
    }

An exercise without cases, with a solved starter or with an empty hint fails the build.
"""

from courseware.exercises.model import (
    Exercise,
    Outcome,
    Result,
    Unattempted,
    UnknownExercise,
    Wrong,
    all_exercises,
    exercise,
    exercises_of,
    expect,
)
from courseware.exercises.progress import show_progress

__all__ = [
    "Exercise",
    "Outcome",
    "Result",
    "Unattempted",
    "UnknownExercise",
    "Wrong",
    "all_exercises",
    "exercise",
    "exercises_of",
    "expect",
    "show_progress",
]
