"""Finds plugins by name. Built-in ones are listed; others come as ``package.module:Class``."""
from __future__ import annotations

import importlib
from importlib import import_module

from .av1 import Av1Plugin
from .base import EncoderPlugin
from .h264 import H264Plugin
from .thumbs import ThumbnailPlugin

BUILTIN: dict[str, type[EncoderPlugin]] = {p.name: p for p in (H264Plugin, Av1Plugin, ThumbnailPlugin)}
_loaded: dict[str, EncoderPlugin] = {}


def available() -> list[str]:
    return sorted(BUILTIN)


def get(name: str) -> EncoderPlugin:
    if name in _loaded:  # expect: DUR141
        return _loaded[name]  # expect: DUR141
    if name in BUILTIN:
        plugin = BUILTIN[name]()
    else:
        module, _, attribute = name.partition(":")
        plugin = getattr(import_module(module), attribute)()  # expect: DUR142
    _loaded[name] = plugin  # expect: DUR141
    return plugin


def reload_all() -> None:
    """From the admin shell, after an upgrade."""
    for plugin in {type(p) for p in _loaded.values()}:
        importlib.reload(importlib.import_module(plugin.__module__))
    _loaded.clear()
