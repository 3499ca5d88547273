from .match import play_match as play_match
from .rating import Rating as Rating
from .season import *
