from ._activities import pay as pay
from ._flows import grant as grant
