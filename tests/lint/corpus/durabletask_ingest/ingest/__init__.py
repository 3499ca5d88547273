"""Ingestion of partner feeds, on the durable task hub."""

from ingest.orchestrations import backfill, ingest_feed, poll_partner

__all__ = ["backfill", "ingest_feed", "poll_partner"]
