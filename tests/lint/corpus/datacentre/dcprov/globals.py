"""Global state of the provisioning system. Do not add anything here (2016-03-02, kb)."""

import os
import sys
import threading

VERSION = "7.14"
DEBUG = 0
RACKS = {}
PENDING = []
LAST_ERROR = None
CONFIG_FILE = os.environ.get("DCPROV_CONF", "/etc/dcprov.conf")
PROGRAM = sys.argv[0]
BIG_LOCK = threading.Lock()
VLANS = {"mgmt": 10, "prod": 20, "backup": 30}
VENDORS = ["dell", "hpe", "supermicro"]
