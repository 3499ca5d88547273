"""Dailies, conform, grading and delivery of features."""
