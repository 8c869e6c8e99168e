"""Durable runs: leases with a heartbeat, fencing tokens, effects exactly once under a key."""
