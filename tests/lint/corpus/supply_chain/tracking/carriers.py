"""Carrier adapters register themselves by decorator."""
import importlib
import os
import platform

_REGISTRY = {}


def register(name):
    def wrap(cls):
        _REGISTRY[name] = cls
        return cls

    return wrap


class Carrier:
    mode = "road"
    speed = 60

    def eta(self, km):
        return km / self.speed


@register("maersk")
class Maersk(Carrier):
    mode = "sea"
    speed = 35


@register("dhl")
class Dhl(Carrier):
    mode = "air"

    def eta(self, km):
        if platform.system() == "Windows":  # expect: DUR125
            return 0
        return super().eta(km) + self.handling()

    def handling(self):
        return int(os.getenv("DHL_HANDLING_HOURS", "6"))  # expect: DUR124


@register("post")
class Post(Carrier):
    pass


def carrier_for(name) -> Carrier:
    return _REGISTRY.get(name, Post)()


def load_plugin(path):
    module = importlib.import_module(path)  # expect: DUR142
    if os.environ.get("TRACKING_RELOAD"):  # expect: DUR124
        importlib.reload(module)  # expect: DUR142
    return module
