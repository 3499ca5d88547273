from helix._flow import *  # noqa: F403
from helix._flow import __all__  # noqa: F401
