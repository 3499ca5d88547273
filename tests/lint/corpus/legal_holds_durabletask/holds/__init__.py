from holds.custodians import Custodian
from holds.matters import collect_matter, release_hold

__all__ = ["Custodian", "collect_matter", "release_hold"]
