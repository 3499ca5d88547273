from .flows import *
from .model import *
