from .studies import RouteStudy, SweepStudies

__all__ = ["RouteStudy", "SweepStudies"]
