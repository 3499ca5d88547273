"""Campaigns and reminders over mail, SMS and push."""
