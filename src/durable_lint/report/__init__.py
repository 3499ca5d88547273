"""Findings in the shapes that people and programs read. Invariant: a format decides nothing.

Which findings there are, and in which order, is settled before a format sees them; each format is
a function from an `Outcome` to lines, and opens no file but those of the findings.
"""
