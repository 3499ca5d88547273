"""Everything, everywhere: `from dcprov.lib import *`."""

from dcprov.lib.compat import *  # noqa: F403
from dcprov.lib.config import Config, ConfigError, get_config
from dcprov.lib.oldutil import *  # noqa: F403

__all__ = [name for name in dir() if not name.startswith("_")]
