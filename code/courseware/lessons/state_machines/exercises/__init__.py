"""Hold the exercises of lesson 15."""
