import _thread
import filecmp
import fileinput
import linecache
import os
import random
import time

from podcast.naming import ADJECTIVES


class TapeRobot:
    slots = tuple(range(24))

    def __init__(self, label):
        self.label = label

    @property
    def loaded(self):
        first = linecache.getline("/proc/tape", 1)  # expect: DUR122
        return first.startswith(self.label) and not filecmp.cmp("/proc/tape", "/proc/tape.old")  # expect: DUR122

    def park(self):
        os.spawnlp(os.P_WAIT, "mtx", "mtx", "park")

    def pick_slot(self):
        return random.choice(self.slots)


def inventory(show):
    tapes = {f"{show}-{adjective}" for adjective in ADJECTIVES}
    shelf = []
    for number, tape in zip(range(10), tapes):  # expect: DUR134
        shelf.append((number, tape))
    return shelf


def eject_all(shelf):
    os.spawnlp(os.P_NOWAIT, "mtx", "mtx", "unload")  # expect: DUR123
    _thread.start_new_thread(len, (shelf,))  # expect: DUR131
    os.waitpid(-1, 0)  # expect: DUR102


def follow(path):
    for line in fileinput.input(path):
        time.sleep(0.1)
        yield line
