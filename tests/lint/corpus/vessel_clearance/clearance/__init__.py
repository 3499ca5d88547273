"""Clearing vessels for a port."""
