"""The one and only configuration."""

import configparser
import os
import socket

from dcprov import globals as g


class ConfigError(Exception):
    pass


class Singleton(type):
    _instances = {}

    def __call__(cls, *args, **kwargs):
        if cls not in Singleton._instances:
            Singleton._instances[cls] = super().__call__(*args, **kwargs)
        return Singleton._instances[cls]


class Config:
    _shared = None
    reads = 0

    def __init__(self):
        self.parser = configparser.ConfigParser()
        self.parser.read_string(open(g.CONFIG_FILE).read())  # expect: DUR122
        self.site = os.environ.get("DC_SITE") or socket.getfqdn()  # expect: DUR124, DUR125

    @staticmethod
    def shared():
        if Config._shared is None:  # expect: DUR141
            Config._shared = Config()  # expect: DUR141
        return Config._shared  # expect: DUR141

    def get(self, section, key, default=None):
        Config.reads += 1  # expect: DUR141
        return self.parser.get(section, key, fallback=default)

    def formula(self, key):
        return eval(self.get("formulas", key, "1"))  # expect: DUR142


def get_config():
    return Config.shared()


class Metrics(metaclass=Singleton):
    """Only the exporter makes one."""

    def __init__(self):
        self.host = socket.gethostname()
