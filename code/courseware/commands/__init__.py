"""Hold the commands behind `course.py`."""
