"""Ingestion pipelines of the data platform."""

__version__ = "4.2.0"
