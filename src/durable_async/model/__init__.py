"""Frozen values that every layer shares. Invariant: no behaviour but validation, no I/O."""
