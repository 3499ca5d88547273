"""The language server: what `durable-lint check` says, while it is typed.

Invariant: an editor is never left without an answer. What goes wrong with a file, with the settings
or in here is told as a message, and the next request is served.
"""
