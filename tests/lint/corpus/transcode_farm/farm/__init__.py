from .pipeline import package_title, transcode_title

__all__ = ("package_title", "transcode_title")
