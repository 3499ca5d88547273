"""How the pages become HTML. Invariant: a broken link or reference fails the build."""

from importlib.metadata import version as version_of

project = "durable-async"
author = "durable_async contributors"
copyright = "2026, durable_async contributors"
release = version = version_of("durable-async")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"

html_theme = "furo"
html_title = "durable-async"
html_show_sourcelink = False
