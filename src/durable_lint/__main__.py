"""`python -m durable_lint` is the command `durable-lint`, and nothing else."""

from durable_lint.cli import command

if __name__ == "__main__":
    command()
