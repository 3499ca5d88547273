from .pipeline import package_title, transcode

__all__ = ["package_title", "transcode"]
