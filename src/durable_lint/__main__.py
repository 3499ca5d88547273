"""`python -m durable_lint` is the command `durable-lint`, and nothing else."""

import sys

from durable_lint.cli import main

if __name__ == "__main__":
    sys.exit(main())
