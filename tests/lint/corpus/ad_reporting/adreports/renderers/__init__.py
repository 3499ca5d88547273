from .base import Renderer, Report
from .html import HtmlRenderer
from .text import CsvRenderer, TextRenderer

RENDERERS: dict[str, type[Renderer]] = {
    "html": HtmlRenderer,
    "text": TextRenderer,
    "csv": CsvRenderer,
}

__all__ = ["RENDERERS", "Renderer", "Report"]
