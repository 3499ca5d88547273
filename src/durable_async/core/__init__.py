"""Replay, sans-IO. Invariant: same history in, same commands out; no clock, no I/O, no chance."""
