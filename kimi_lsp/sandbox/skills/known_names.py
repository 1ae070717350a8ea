"""Names of the standard library that are known well enough to be imported without asking."""

import sys
from collections.abc import Mapping

_NAMES_OF = {
    "abc": "ABC abstractmethod",
    "argparse": "ArgumentParser",
    "collections": "ChainMap Counter OrderedDict defaultdict deque namedtuple",
    "collections.abc": """AsyncGenerator AsyncIterator Awaitable Callable Coroutine Generator Iterable Iterator
        Mapping MutableMapping Sequence""",
    "concurrent.futures": "ProcessPoolExecutor ThreadPoolExecutor",
    "contextlib": "ExitStack asynccontextmanager contextmanager nullcontext suppress",
    "copy": "deepcopy",
    "dataclasses": "asdict dataclass",
    "datetime": "timedelta timezone",
    "decimal": "Decimal",
    "enum": "Enum IntEnum StrEnum",
    "fractions": "Fraction",
    "functools": "cached_property lru_cache partial reduce total_ordering wraps",
    "http": "HTTPStatus",
    "io": "BytesIO StringIO",
    "itertools": "groupby islice zip_longest",
    "math": "ceil floor sqrt",
    "operator": "attrgetter itemgetter",
    "pathlib": "Path PurePath PurePosixPath",
    "random": "randint",
    "tempfile": "NamedTemporaryFile TemporaryDirectory",
    "textwrap": "dedent",
    "threading": "Lock Thread",
    "time": "monotonic perf_counter",
    "types": "SimpleNamespace",
    "typing": """Any ClassVar Dict Final List Literal NamedTuple Optional Protocol Set TYPE_CHECKING Tuple TypeVar
        TypedDict Union cast overload""",
    "unittest.mock": "MagicMock",
    "uuid": "uuid4",
    "zoneinfo": "ZoneInfo",
}
KNOWN: Mapping[str, str] = {name: module for module, names in _NAMES_OF.items() for name in names.split()}
"""The module of each name."""

DATETIME_METHODS = frozenset(
    (
        "combine",
        "fromisoformat",
        "fromordinal",
        "fromtimestamp",
        "now",
        "strptime",
        "today",
        "utcfromtimestamp",
        "utcnow",
    )
)
"""What is called on the class `datetime`; anything else is an attribute of the module of that name."""

MODULES = frozenset(
    name
    for name in sys.stdlib_module_names
    if not name.startswith("_") and name not in ("antigravity", "this")
)
