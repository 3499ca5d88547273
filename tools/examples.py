"""Run every example, as a reader would who has just cloned the project.

Invariant: an example passes only by ending with exit code 0 in an empty working folder, without
input, within its time. Scripts directly in `examples/` are examples; of a folder, its `demo.py`.
Files whose name begins with an underscore are helpers.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SECONDS = 120


def examples(folder: Path) -> list[Path]:
    """The files to run, in order of name."""
    files = [*folder.glob("*.py"), *folder.glob("*/demo.py")]
    return sorted(file for file in files if not file.name.startswith("_"))


def run(example: Path) -> str | None:
    """Run one example; None if it passed, else what went wrong with all that it printed."""
    with tempfile.TemporaryDirectory(prefix="durable-example-") as folder:
        try:
            subprocess.run(
                [sys.executable, str(example)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=SECONDS,
                check=True,
            )
        except subprocess.CalledProcessError as error:
            return f"exit code {error.returncode}\n{error.stdout.decode(errors='replace')}"
        except subprocess.TimeoutExpired as error:
            output = (error.stdout or b"").decode(errors="replace")
            return f"still running after {SECONDS} s\n{output}"
    return None


def main(arguments: Sequence[str]) -> int:
    """Run the named examples, or all; exit code 1 if one failed or there is none."""
    chosen = [Path(name).resolve() for name in arguments] or examples(EXAMPLES)
    if not chosen:
        print(f"There is no example in {EXAMPLES}.", file=sys.stderr)
        return 1
    failures = 0
    for example in chosen:
        began = time.monotonic()
        trouble = run(example)
        name = example.relative_to(EXAMPLES.parent)
        print(f"{'ok' if trouble is None else 'FAILED':6} {name} {time.monotonic() - began:.1f} s")
        if trouble is not None:
            failures += 1
            print(trouble)
    print(f"{len(chosen)} examples, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
