"""The client: starts instances, asks after them, and tells them what happened outside."""
