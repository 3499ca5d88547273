"""Instances on Temporal, as clients read them. Invariant: a worker is asked only for what Temporal
does not know itself.

To find your way: `instances` reads one, of which `records` makes what clients see; `listing` finds
many by the conditions of `visibility`; `asking` waits for an answer.
"""
