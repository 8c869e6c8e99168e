"""Connect lessons to what they run on: the model, PostgreSQL, worker processes, timing."""
