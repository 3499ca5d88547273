import functools
import glob
import random
import time
from datetime import datetime

import numpy.random as npr
from geopy.geocoders import Nominatim

_geocoder = Nominatim(user_agent="district")
_distances = {}


def by_distance(school):
    def sort(applicants):
        return sorted(applicants, key=lambda a: distance(a, school))

    return sort


def distance(applicant, school):
    pair = (applicant, school)
    if pair not in _distances:  # expect: DUR141
        _distances[pair] = abs(len(applicant) - len(school))  # expect: DUR141
    return _distances[pair]  # expect: DUR141


def shuffle_ties(applicants):
    key = functools.partial(random.triangular, 0.0)  # expect: DUR111
    tied = sorted(applicants, key=lambda a: (len(a), key(1.0)))
    npr.shuffle(tied)  # expect: DUR111
    return tied


def preference_table(names):
    sheets = sorted(glob.iglob("/srv/preferences/*.csv"))  # expect: DUR122
    stamp = time.localtime().tm_year  # expect: DUR101
    return dict(zip(names, [f"{s}@{stamp}" for s in sheets]))


def seeded_ties(applicants, day=datetime(2024, 3, 1)):
    rng = random.Random(day.toordinal())
    return sorted(applicants, key=lambda a: (len(a), rng.random()))


def locate(address):
    return _geocoder.geocode(address)
