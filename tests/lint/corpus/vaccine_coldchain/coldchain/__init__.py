"""Vaccines on their way, and what happens when a box gets warm."""
