"""The mind behind the practice server."""
