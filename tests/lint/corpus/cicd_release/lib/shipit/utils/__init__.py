from shipit.utils.clock import Stopwatch, build_stamp, is_freeze, parse_stamp
from shipit.utils.git import changed_paths, describe_head, short_sha
from shipit.utils.text import changelog, slugify

__all__ = [
    "Stopwatch",
    "build_stamp",
    "changed_paths",
    "changelog",
    "describe_head",
    "is_freeze",
    "parse_stamp",
    "short_sha",
    "slugify",
]
