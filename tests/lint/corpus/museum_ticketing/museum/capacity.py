"""How full the rooms are. Dunder methods do the work."""
import hashlib
import json
import mmap
import os
import random
import socketserver
from functools import total_ordering
from pathlib import Path

STATE = Path("/var/lib/museum")


@total_ordering
class Room:
    def __init__(self, name):
        self.name = name

    def __eq__(self, other):
        return isinstance(other, Room) and self.name == other.name

    def __hash__(self):
        return int.from_bytes(hashlib.md5(self.name.encode()).digest()[:8], "big")

    def __lt__(self, other):
        return self.load() < other.load()

    def load(self):
        return random.betavariate(2, 5)  # expect: DUR111


class Capacity:
    def __init__(self, day):
        self.day = day
        self.rooms = {}

    def __enter__(self):
        path = STATE / f"{self.day}.json"
        if path.is_file():  # expect: DUR122
            self.rooms = json.loads(path.read_bytes())  # expect: DUR122
        return self

    def __exit__(self, *exc):
        os.makedirs(STATE, exist_ok=True)  # expect: DUR122
        return False

    def __contains__(self, room):
        return self.rooms.get(room.name, self._default()) > 0

    def __getitem__(self, name):
        return self.rooms.get(name, 0)

    def __setitem__(self, name, value):
        self.rooms[name] = value
        os.replace(STATE / "new", STATE / "rooms.json")  # expect: DUR122

    def __delitem__(self, name):
        os.unlink(STATE / name)

    def _default(self):
        return len(os.sched_getaffinity(0)) * 10  # expect: DUR125

    def serve(self):
        return socketserver.TCPServer(("", 9000), socketserver.BaseRequestHandler)


def rooms_by_load(names):
    rooms = [Room(name) for name in names]
    return [room.name for room in sorted(rooms)]


def mapped(path):
    with open(path, "rb") as f:
        return mmap.mmap(f.fileno(), 0)
