"""Serve the practice model over HTTP: requests checked, faults injected, records kept."""
