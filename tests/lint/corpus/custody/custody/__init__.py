from .api import app_flows

__all__ = ["app_flows"]
