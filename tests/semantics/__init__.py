"""What things mean: each numbered line of the specification as tests, on every engine, with kept
and with rebuilt coroutines. The docstring of a test names its line."""
