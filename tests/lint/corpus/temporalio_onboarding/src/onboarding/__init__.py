from .flows import OffboardEmployee, OnboardEmployee

__all__ = ["OffboardEmployee", "OnboardEmployee"]
