from .tariffs import *
from .sessions import *
