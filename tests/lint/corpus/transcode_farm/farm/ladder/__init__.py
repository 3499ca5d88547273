from .renditions import *  # noqa: F403
from .probe import probe_locally, read_sidecar
