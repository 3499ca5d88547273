"""Entities on Temporal. Invariant: an entity is one workflow, and so is a name that is locked; what
reaches it, and leaves it, is a mail.

To find your way: `entity` is the workflow and `queue` what waits at it; `operations` runs users'
code, in `batches`; `calls` is an instance's end of it; `errands` is what workers do for either at
the cluster, and `service` such a worker; `reading` is how clients see an entity.
"""
