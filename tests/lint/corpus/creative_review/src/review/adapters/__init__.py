from .screening import Screening, VendorScreening

__all__ = ["Screening", "VendorScreening"]
