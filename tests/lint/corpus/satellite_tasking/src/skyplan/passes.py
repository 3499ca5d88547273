"""Pass prediction. All angles in degrees."""

import itertools
import math
import multiprocessing
import os
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

import numpy as np

Window = namedtuple("Window", "satellite offset elevation")


def elevation(args):
    satellite, latitude, step = args
    return math.sin(latitude + step + len(satellite)) * 90


class PassPlanner:
    STEPS = 12

    def __init__(self, satellites):
        self.satellites = satellites
        self.workers = os.cpu_count() or 1  # expect: DUR125
        self._tie_break = np.random.default_rng(1234)

    def next_pass(self, latitude):
        jobs = [(s, latitude, n) for s, n in itertools.product(self.satellites, range(self.STEPS))]
        with ThreadPoolExecutor(self.workers) as pool:  # expect: DUR131
            angles = list(pool.map(elevation, jobs))
        best = max(range(len(jobs)), key=angles.__getitem__)
        return Window(jobs[best][0], jobs[best][2] * 60.0, angles[best])

    def pick(self, window):
        if window.elevation > 60:
            return window.satellite
        if self._tie_break.random() < 0.5:
            return self.satellites[0]
        return self._any()

    def _any(self):
        return np.random.choice(self.satellites)  # expect: DUR111

    def next_pass_exact(self, latitude):
        """Batch tool: all cores for an hour."""
        with multiprocessing.Pool() as pool:
            return pool.map(elevation, [(s, latitude, 0) for s in self.satellites])
