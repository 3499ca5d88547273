"""Learning paths: lessons, exams, certificates."""
