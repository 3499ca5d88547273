from .channels import *
from .fanout import broadcast, notify_user, quiet_hours

VERSION = "4.2.0"
