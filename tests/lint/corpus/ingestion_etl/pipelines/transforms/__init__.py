from .dedupe import dedupe_keys, merge_columns, row_key
from .schema import SchemaRegistry, coerce

__all__ = ["SchemaRegistry", "coerce", "dedupe_keys", "merge_columns", "row_key"]
