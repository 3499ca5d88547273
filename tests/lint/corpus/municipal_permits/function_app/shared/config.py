import os

from dotenv import load_dotenv

_values = {"APPEAL_DAYS": 30}
_TEXT = os.getenv("REMINDER_TEXT", "Your permit is waiting for you")


def get(name, default=None):
    if os.getenv("PERMITS_ENV") == "local":  # expect: DUR124
        load_dotenv()  # expect: DUR124
    return int(os.environ.get(name, default))  # expect: DUR124


def constant(name):
    return _values[name]


def reminder_text():
    return os.path.expandvars(_TEXT)  # expect: DUR124
