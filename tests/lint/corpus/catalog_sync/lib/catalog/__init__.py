from .sinks import write_product
from .sources.feed import *

version = "3.1"
