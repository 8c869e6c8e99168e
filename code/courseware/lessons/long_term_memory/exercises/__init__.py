"""Hold the exercises of the lesson, a folder each."""
