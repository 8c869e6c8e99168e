"""Hold the lessons: what each page shows besides the library, and its exercises."""
