import itertools
import os
import socket
import threading
import uuid

from opencensus.ext.azure import metrics_exporter

_counter = itertools.count()
_once = False
_lock = threading.Lock()


def track_event(name, key):
    global _once
    if not _once:  # expect: DUR141
        _once = True  # expect: DUR141
        start_flusher()
    return {"name": name, "key": key, "host": socket.gethostname(), "op": uuid.uuid1().hex}  # expect: DUR125, DUR112


def start_flusher():
    flusher = threading.Thread(target=str, daemon=True)  # expect: DUR131
    flusher.start()


def forever():
    return itertools.repeat(None)


def exporter():
    return metrics_exporter.new_metrics_exporter(connection_string=os.environ["APPINSIGHTS"])
