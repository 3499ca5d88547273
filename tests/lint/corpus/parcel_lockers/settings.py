"""Shared settings of the locker scripts. Read once when the script starts."""
import os
import socket
import sys

SITE = os.environ.get("LOCKER_SITE", "hub-3")
HOST = socket.gethostname()
DEBUG = "--debug" in sys.argv

SIZES = {"S": 10, "M": 20, "L": 45}
GRACE_HOURS = 48
REMIND_AFTER = [24, 36, 44]

# the field engineers flip this one from the maintenance console
MAINTENANCE = {"on": False}


def database_url():
    return os.environ["LOCKER_DB"]


def region():
    return os.environ.get("REGION", "north")  # expect: DUR124
