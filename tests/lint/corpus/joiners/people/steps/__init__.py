"""Activities of People Operations, by system."""

from .directory import create_account, disable_account, groups_of
from .laptops import order_laptop, track_parcel
from .mail import send_mail

__all__ = ["create_account", "disable_account", "groups_of", "order_laptop", "send_mail", "track_parcel"]
