"""Charging of vehicle fleets. Plugins are found in `voltfleet.plugins`."""

__version__ = "4.2.0"
