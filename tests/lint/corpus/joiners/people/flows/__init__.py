from people.flows.onboard import offboard, onboard
from people.flows.probation import probation

ALL = [onboard, offboard, probation]
