import csv
import glob
import io
import json
import pickle
import re

__all__ = ["Feed", "normalise", "price_of"]

_SPACE = re.compile(r"\s+")
_CACHE = {}


def normalise(text):
    return _SPACE.sub(" ", text).strip()


def price_of(row):
    if row["sku"] in _CACHE:  # expect: DUR141
        return _CACHE[row["sku"]]  # expect: DUR141
    value = eval(row["formula"], {"p": float(row["price"])})  # expect: DUR142
    _CACHE[row["sku"]] = value  # expect: DUR141
    return value


class Feed:
    delimiter = ","

    def __init__(self, text):
        self.text = text

    def __iter__(self):
        yield from csv.DictReader(io.StringIO(self.text), delimiter=self.delimiter)

    def revive(self, blob):
        return pickle.loads(blob)  # expect: DUR142

    def as_json(self):
        return json.dumps(list(self))

    @staticmethod
    def latest(folder):
        return max(glob.glob(f"{folder}/*.csv"))


class TabFeed(Feed):
    delimiter = "\t"
