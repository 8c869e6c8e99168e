"""Production versions of the patterns that the course teaches."""
