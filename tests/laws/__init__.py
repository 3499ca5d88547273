"""The laws of the core, each a property of random orchestrators."""
