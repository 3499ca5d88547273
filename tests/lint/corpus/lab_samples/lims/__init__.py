"""Laboratory information: samples from arrival to report."""

from .protocols import *
from .runs import analyse, incubate, stability_study
