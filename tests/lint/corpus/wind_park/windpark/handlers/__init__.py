"""Importing this package attaches every handler."""

from . import cooling, icing, logistics

ALL = (cooling, icing, logistics)
