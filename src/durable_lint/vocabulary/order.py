"""Who minds the order of what is iterated, and which methods change what they belong to.

Invariant: data only, by canonical name (`builtins.sorted`) or, for methods, by their own name.
What is in none of these tables is taken to mind the order only if it is seen to.
"""

from typing import Final

__all__ = [
    "KEEPS_ORDER",
    "MUTATORS",
    "ORDER_FREE",
    "ORDER_FREE_METHODS",
    "ORDER_TAKING_METHODS",
    "SET_MAKERS",
    "SET_METHODS",
    "UNORDERED_TYPES",
]

ORDER_FREE: Final = frozenset(
    {
        *("builtins.sorted", "builtins.len", "builtins.any", "builtins.all", "builtins.bool"),
        *("builtins.min", "builtins.max", "builtins.sum", "builtins.set", "builtins.frozenset"),
        *("builtins.isinstance", "builtins.print", "builtins.type", "builtins.hash"),
        *("collections.Counter", "math.fsum", "math.prod", "math.lcm", "math.gcd"),
        *("heapq.nsmallest", "heapq.nlargest", "statistics.median", "statistics.fmean"),
        *("statistics.mean", "copy.copy", "copy.deepcopy", "asyncio.wait"),
        *("random.Random.seed", "weakref.WeakSet", "sortedcontainers.SortedSet"),
        *("sortedcontainers.SortedList", "sortedcontainers.SortedDict"),
        *("typing.cast", "typing.assert_type", "typing.reveal_type"),
    }
)
"""Called with an iterable, they give the same whatever its order."""

KEEPS_ORDER: Final = frozenset(
    {
        *("builtins.list", "builtins.tuple", "builtins.enumerate", "builtins.zip", "builtins.iter"),
        *("builtins.map", "builtins.filter", "builtins.next", "builtins.reversed", "builtins.dict"),
        *(
            "builtins.dict.fromkeys",
            "builtins.str.join",
            "builtins.bytes.join",
            "builtins.bytearray",
        ),
        *("builtins.bytes", "builtins.aiter", "builtins.anext"),
        *("collections.deque", "collections.OrderedDict", "collections.OrderedDict.fromkeys"),
        *("collections.ChainMap", "collections.UserList", "array.array"),
        *("itertools.accumulate", "itertools.batched", "itertools.chain", "itertools.combinations"),
        *("itertools.chain.from_iterable", "itertools.combinations_with_replacement"),
        *("itertools.compress", "itertools.cycle", "itertools.dropwhile", "itertools.filterfalse"),
        *("itertools.groupby", "itertools.islice", "itertools.pairwise", "itertools.permutations"),
        *("itertools.product", "itertools.starmap", "itertools.takewhile", "itertools.tee"),
        *("itertools.zip_longest", "functools.reduce", "heapq.merge", "random.choice"),
        *("asyncio.gather", "asyncio.as_completed", "more_itertools.chunked"),
        *("more_itertools.first", "more_itertools.one", "more_itertools.flatten"),
        *("more_itertools.ichunked", "more_itertools.batched", "more_itertools.unique_everseen"),
        *("toolz.partition_all", "boltons.iterutils.chunked", "numpy.array", "numpy.fromiter"),
        *("pandas.Series", "pandas.DataFrame", "pandas.Index", "polars.Series"),
    }
)
"""Called with an iterable, they hand its order on."""

ORDER_FREE_METHODS: Final = frozenset(
    {
        *("add", "discard", "remove", "update", "union", "intersection", "difference"),
        *("symmetric_difference", "intersection_update", "difference_update"),
        *("symmetric_difference_update", "issubset", "issuperset", "isdisjoint", "copy", "clear"),
        *("__contains__", "__len__", "__eq__", "__or__", "__and__", "__sub__", "__xor__"),
    }
)
"""Methods of a set that do not show its order, and methods that take one in without minding it."""

ORDER_TAKING_METHODS: Final = frozenset({"extend", "extendleft", "join", "writelines", "fromkeys"})
"""Methods that hand the order of their argument on to what they belong to or give."""

SET_MAKERS: Final = frozenset(
    {
        *("builtins.set", "builtins.frozenset", "weakref.WeakSet", "asyncio.all_tasks"),
        *("typing.AbstractSet", "typing.MutableSet"),
    }
)
"""Called, they give something whose order means nothing."""

SET_METHODS: Final = frozenset(
    {"union", "intersection", "difference", "symmetric_difference", "copy"}
)
"""Methods of a set that give a set."""

UNORDERED_TYPES: Final = frozenset(
    {
        *("builtins.set", "builtins.frozenset", "typing.AbstractSet", "typing.MutableSet"),
        *("weakref.WeakSet", "weakref.WeakKeyDictionary", "weakref.WeakValueDictionary"),
    }
)
"""Types whose order of iteration means nothing. The views of a dict keep its order."""

MUTATORS: Final[dict[str, frozenset[str]]] = {
    "builtins.list": frozenset(
        {"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"}
    ),
    "builtins.dict": frozenset({"clear", "pop", "popitem", "setdefault", "update"}),
    "builtins.set": frozenset(
        {
            *("add", "clear", "difference_update", "discard", "intersection_update", "pop"),
            *("remove", "symmetric_difference_update", "update"),
        }
    ),
    "builtins.bytearray": frozenset(
        {"append", "clear", "extend", "insert", "pop", "remove", "reverse"}
    ),
    "collections.deque": frozenset(
        {
            *("append", "appendleft", "clear", "extend", "extendleft", "insert", "pop"),
            *("popleft", "remove", "reverse", "rotate"),
        }
    ),
    "collections.OrderedDict": frozenset(
        {"clear", "move_to_end", "pop", "popitem", "setdefault", "update"}
    ),
    "collections.defaultdict": frozenset({"clear", "pop", "popitem", "setdefault", "update"}),
    "collections.Counter": frozenset(
        {"clear", "pop", "popitem", "setdefault", "subtract", "update"}
    ),
    "collections.ChainMap": frozenset({"clear", "pop", "popitem", "setdefault", "update"}),
    "array.array": frozenset(
        {
            *("append", "byteswap", "extend", "frombytes", "fromlist", "fromunicode", "insert"),
            *("pop", "remove", "reverse"),
        }
    ),
    "weakref.WeakSet": frozenset({"add", "clear", "discard", "pop", "remove", "update"}),
    "weakref.WeakKeyDictionary": frozenset({"clear", "pop", "popitem", "setdefault", "update"}),
    "weakref.WeakValueDictionary": frozenset({"clear", "pop", "popitem", "setdefault", "update"}),
    "itertools.count": frozenset({"__next__"}),
    "io.StringIO": frozenset({"write", "writelines", "truncate", "seek"}),
    "io.BytesIO": frozenset({"write", "writelines", "truncate", "seek"}),
    "asyncio.Queue": frozenset({"put", "put_nowait", "get", "get_nowait"}),
}
"""Methods that change an instance of a type, by type."""
