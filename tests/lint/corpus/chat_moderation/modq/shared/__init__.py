from . import metrics, words
from .actors import Notifier, ThrottledNotifier

__all__ = ["Notifier", "ThrottledNotifier", "metrics", "words"]
