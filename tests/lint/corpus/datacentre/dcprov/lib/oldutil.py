"""Utilities. Grown since 2011."""

import datetime
import os
import random
import re
import string
import sys
import uuid
from os import path

import psutil

from dcprov import globals as g

MAC = re.compile(r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$")


def log(message, *args):
    sys.stdout.write(message % args + "\n")  # expect: DUR143


def warn(message):
    print("WARN", message, datetime.datetime.utcnow())  # expect: DUR101, DUR143


def fail(message):
    g.LAST_ERROR = message  # expect: DUR141
    raise RuntimeError(message)


def last_error():
    return g.LAST_ERROR  # expect: DUR141


def queue_rack(rack):
    g.PENDING.append(rack)  # expect: DUR141
    g.RACKS[rack] = "queued"  # expect: DUR141
    return len(g.PENDING)  # expect: DUR141


def random_password(length=16):
    pool = string.ascii_letters + string.digits
    return "".join(random.SystemRandom().choice(pool) for _ in range(length))  # expect: DUR111


def asset_tag(vendor):
    return vendor[:2].upper() + str(uuid.uuid1())[:8]  # expect: DUR112


def mac_ok(mac):
    return bool(MAC.match(mac))


def image_path(name):
    base = path.join("/srv/images", path.basename(name))
    return base if path.exists(base) else base + ".xz"  # expect: DUR122


def free_memory():
    return psutil.virtual_memory().available  # expect: DUR125


def home():
    return os.path.expanduser("~dcprov")  # expect: DUR124


def vlan_names():
    return sorted(g.VLANS)


def ordinal(vendor):
    return g.VENDORS.index(vendor)


def slug(text):
    return "-".join(re.findall("[a-z0-9]+", text.lower()))


def rotate_logs():
    os.rename("/var/log/dcprov.log", "/var/log/dcprov.log.1")
    g.DEBUG += 1
