"""The checker of durable_async code; it never imports durable_async, nor is imported by it.

A checker must read code that does not import, and a runtime must not carry a parser. What both
know, they know as data, and a test compares the two.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
