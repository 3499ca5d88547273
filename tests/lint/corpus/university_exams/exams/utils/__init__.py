from .dates import academic_year, deadline_passed, local_day, term_of
from .texts import anonymise, reference, render_letter, short_token

__all__ = [
    "academic_year",
    "anonymise",
    "deadline_passed",
    "local_day",
    "reference",
    "render_letter",
    "short_token",
    "term_of",
]
