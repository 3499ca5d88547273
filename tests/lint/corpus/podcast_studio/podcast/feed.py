"""The RSS feed as a context manager; `+=` adds keywords."""
import html
import threading
from xml.sax.saxutils import quoteattr

escape = html.escape


class Feed:
    template = "<item title={title} href={href} length={size}/>"

    def __init__(self, show):
        self.show = show
        self.items = []
        self.keywords = []
        self._mutex = threading.RLock()  # expect: DUR131

    def __enter__(self):
        with open(f"/feeds/{self.show}.xml") as current:  # expect: DUR122
            self.items = current.readlines()
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.print()

    def __iadd__(self, words):
        self.keywords.extend(words)
        return self

    def add(self, title, href, size):
        self.items.append(self.template.format(title=quoteattr(title), href=quoteattr(href), size=size))

    def print(self):
        print("\n".join(self.items))  # expect: DUR143
