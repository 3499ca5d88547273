"""Training pipeline of the ranking team."""

__version__ = "4.2.0"
