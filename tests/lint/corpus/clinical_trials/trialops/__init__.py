from .enrol import enrol_subject, visit_calendar
from .unblinding import unblind

ORCHESTRATORS = [enrol_subject, visit_calendar, unblind]
