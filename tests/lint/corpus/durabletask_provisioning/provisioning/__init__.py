"""Tenants of the platform: made, resized, retired."""
