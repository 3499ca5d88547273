"""Python 2 is gone, this module is not."""

import io
import pickle
import shlex
import subprocess
import sys
import time as _time

try:
    import cPickle as _pickle
except ImportError:
    _pickle = pickle

text_type = str
string_types = (str,)
PY3 = sys.version_info[0] == 3
StringIO = io.StringIO


def iteritems(mapping):
    return iter(mapping.items())


def to_text(value, encoding="utf-8"):
    return value.decode(encoding) if isinstance(value, bytes) else text_type(value)


def run_command(command, shell=False):
    process = subprocess.Popen(command, shell=shell, stdout=subprocess.PIPE)  # expect: DUR123
    return process.pid


def get_status_output(command):
    return subprocess.getstatusoutput(command)  # expect: DUR123


def now():
    return int(_time.time())  # expect: DUR101


def nap(seconds=1):
    _time.sleep(seconds)  # expect: DUR102


def thaw(blob):
    return pickle.loads(blob)  # expect: DUR142


def quoted(command):
    return shlex.join(command)


def freeze_to(path, value):
    """Crash dumps, written by the signal handler of the daemon."""
    with open(path, "wb") as handle:
        _pickle.dump(value, handle)
