"""Same-day couriers: tours, parcels, proofs of delivery."""

from .tours import dispatch_day as dispatch_day, single_parcel as single_parcel
