"""What is known of the standard library, a file for each kind of trouble."""

from typing import Final

from durable_lint.vocabulary.family import Family
from durable_lint.vocabulary.stdlib.clocks import CLOCKS
from durable_lint.vocabulary.stdlib.dynamic import DYNAMIC
from durable_lint.vocabulary.stdlib.files import FILES
from durable_lint.vocabulary.stdlib.network import NETWORK
from durable_lint.vocabulary.stdlib.output import OUTPUT, STRICT_LOGGING
from durable_lint.vocabulary.stdlib.process_state import PROCESS_STATE
from durable_lint.vocabulary.stdlib.processes import PROCESSES
from durable_lint.vocabulary.stdlib.randomness import RANDOMNESS
from durable_lint.vocabulary.stdlib.safe import SAFE
from durable_lint.vocabulary.stdlib.threads import THREADS
from durable_lint.vocabulary.stdlib.types import BASES, RESULTS
from durable_lint.vocabulary.stdlib.waits import WAITS

__all__ = ["STANDARD_LIBRARY", "STRICT_LOGGING"]

STANDARD_LIBRARY: Final[tuple[Family, ...]] = (
    Family(results=RESULTS, bases=BASES),
    SAFE,
    CLOCKS,
    WAITS,
    RANDOMNESS,
    NETWORK,
    FILES,
    PROCESSES,
    PROCESS_STATE,
    THREADS,
    DYNAMIC,
    OUTPUT,
)
