from .structlogging import *  # noqa: F403
from .throttle import Throttle
from .tokens import make_token, tracking_pixel, unsubscribe_link
