import sys

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from .feed import Feed, normalise


def load(kind: str):
    from importlib import import_module

    return import_module(f"catalog.sources.{kind}").Feed  # expect: DUR142


def parse_settings(text: str) -> dict:
    return tomllib.loads(text)


def read_settings(path: str) -> dict:
    with open(path, "rb") as file:  # expect: DUR122
        return tomllib.load(file)
