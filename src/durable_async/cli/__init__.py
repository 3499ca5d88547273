"""The command `durable`. Invariant: it does nothing that could not be done with `durable_async` in
code.

`main` is the entry, `program` the commands' frame, `commands` has a file for each command. What
they share: `targets` (the user's code), `stores` (the URL), `parameters` (what is typed),
`documents` (what `--json` prints), `pages` (what people read).
"""
