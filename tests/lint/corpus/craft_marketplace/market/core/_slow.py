import re
import unicodedata

_SEPARATORS = re.compile(r"[^a-z0-9]+")


def slugify(text):
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _SEPARATORS.sub("-", plain.lower()).strip("-")
