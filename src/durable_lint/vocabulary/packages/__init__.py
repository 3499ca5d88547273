"""What is known of packages from PyPI, a file for each field."""

from typing import Final

from durable_lint.vocabulary.family import Family
from durable_lint.vocabulary.packages.clouds import CLOUDS
from durable_lint.vocabulary.packages.databases import DATABASES
from durable_lint.vocabulary.packages.frameworks import FRAMEWORKS
from durable_lint.vocabulary.packages.http import HTTP
from durable_lint.vocabulary.packages.models import MODELS
from durable_lint.vocabulary.packages.numeric import NUMERIC

__all__ = ["PACKAGES"]

PACKAGES: Final[tuple[Family, ...]] = (HTTP, DATABASES, CLOUDS, MODELS, NUMERIC, FRAMEWORKS)
