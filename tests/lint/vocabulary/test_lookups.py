"""What the vocabulary answers, name by name."""

import pytest

from durable_lint.vocabulary import Arguments, Vocabulary, When


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary.standard()


def given(*positional, starred=False, keywords=(), first_type=""):
    first = positional[0] if positional else ...
    return Arguments(len(positional), frozenset(keywords), starred, first, first_type)


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("time.time", "wall_clock"),
        ("datetime.datetime.now", "wall_clock"),
        ("datetime.date.today", "wall_clock"),
        ("django.utils.timezone.now", "wall_clock"),
        ("pandas.Timestamp.now", "wall_clock"),
        ("pendulum.now", "wall_clock"),
        ("arrow.utcnow", "wall_clock"),
        ("time.sleep", "blocking_sleep"),
        ("builtins.input", "blocking_sleep"),
        ("os.waitpid", "blocking_sleep"),
        ("signal.pause", "blocking_sleep"),
        ("tenacity.retry", "blocking_sleep"),
        ("random.choice", "randomness"),
        ("secrets.token_hex", "randomness"),
        ("os.urandom", "randomness"),
        ("numpy.random.normal", "randomness"),
        ("numpy.random.mtrand.rand", "randomness"),
        ("torch.randn", "randomness"),
        ("uuid.uuid4", "uuid"),
        ("uuid.getnode", "uuid"),
        ("ulid.new", "uuid"),
        ("nanoid.generate", "uuid"),
        ("bson.ObjectId", "uuid"),
        ("bson.objectid.ObjectId", "uuid"),
        ("requests.get", "network_io"),
        ("requests.api.get", "network_io"),
        ("boto3.client", "network_io"),
        ("socket.create_connection", "network_io"),
        ("asyncio.open_connection", "network_io"),
        ("asyncio.streams.open_connection", "network_io"),
        ("urllib.request.urlopen", "network_io"),
        ("sqlite3.connect", "network_io"),
        ("sqlite3.dbapi2.connect", "network_io"),
        ("psycopg.AsyncConnection.connect", "network_io"),
        ("smtplib.SMTP", "network_io"),
        ("stripe.Charge.create", "network_io"),
        ("litellm.acompletion", "network_io"),
        ("dns.resolver.resolve", "network_io"),
        ("builtins.open", "file_io"),
        ("io.open", "file_io"),
        ("_io.open", "file_io"),
        ("os.stat", "file_io"),
        ("posix.stat", "file_io"),
        ("posixpath.exists", "file_io"),
        ("os.path.abspath", "file_io"),
        ("pathlib.Path.read_text", "file_io"),
        ("pathlib.PosixPath.read_text", "file_io"),
        ("tempfile.mkdtemp", "file_io"),
        ("shutil.rmtree", "file_io"),
        ("aiofiles.open", "file_io"),
        ("aiofiles.os.stat", "file_io"),
        ("pandas.read_csv", "file_io"),
        ("anyio.Path.read_text", "file_io"),
        ("subprocess.run", "subprocess"),
        ("os.system", "subprocess"),
        ("os.fork", "subprocess"),
        ("os.kill", "subprocess"),
        ("asyncio.create_subprocess_exec", "subprocess"),
        ("anyio.run_process", "subprocess"),
        ("os.getenv", "environment"),
        ("os.environ", "environment"),
        ("os.environ.get", "environment"),
        ("posixpath.expanduser", "environment"),
        ("dotenv.load_dotenv", "environment"),
        ("pydantic.BaseSettings", "environment"),
        ("os.getpid", "process_state"),
        ("os.getcwd", "process_state"),
        ("posix.getcwd", "process_state"),
        ("os.cpu_count", "process_state"),
        ("multiprocessing.cpu_count", "process_state"),
        ("socket.gethostname", "process_state"),
        ("getpass.getuser", "process_state"),
        ("platform.system", "process_state"),
        ("locale.currency", "process_state"),
        ("sys.argv", "process_state"),
        ("sys.platform", "process_state"),
        ("sys.exit", "process_state"),
        ("time.tzname", "process_state"),
        ("gc.collect", "process_state"),
        ("builtins.id", "process_state"),
        ("builtins.hash", "process_state"),
        ("psutil.cpu_percent", "process_state"),
        ("weakref.finalize", "process_state"),
        ("threading.Thread", "threading"),
        ("threading.Lock", "threading"),
        ("concurrent.futures.ThreadPoolExecutor", "threading"),
        ("concurrent.futures.thread.ThreadPoolExecutor", "threading"),
        ("asyncio.to_thread", "threading"),
        ("asyncio.threads.to_thread", "threading"),
        ("asyncio.run", "threading"),
        ("asyncio.new_event_loop", "threading"),
        ("queue.Queue", "threading"),
        ("multiprocessing.Pool", "threading"),
        ("anyio.to_thread.run_sync", "threading"),
        ("starlette.concurrency.run_in_threadpool", "threading"),
        ("fastapi.concurrency.run_in_threadpool", "threading"),
        ("asgiref.sync.sync_to_async", "threading"),
        ("joblib.Parallel", "threading"),
        ("trio.sleep", "foreign_await"),
        ("curio.sleep", "foreign_await"),
        ("builtins.eval", "dynamic_code"),
        ("importlib.import_module", "dynamic_code"),
        ("pickle.loads", "dynamic_code"),
        ("runpy.run_path", "dynamic_code"),
        ("builtins.print", "logging_print"),
        ("sys.stdout.write", "logging_print"),
        ("traceback.print_exc", "logging_print"),
        ("rich.print", "logging_print"),
        ("click.echo", "logging_print"),
        ("loguru.logger.info", "logging_print"),
    ],
)
def test_a_name_has_the_category_that_its_rule_reports(vocabulary, name, category):
    entry = vocabulary.name(name)
    assert entry is not None
    assert entry.category == category
    assert vocabulary.name(name) is entry
    assert not vocabulary.pure(name)


@pytest.mark.parametrize(
    "name",
    [
        *("datetime.datetime.fromtimestamp", "datetime.datetime", "datetime.timedelta"),
        *("time.strptime", "uuid.uuid5", "uuid.UUID", "hashlib.sha256", "secrets.compare_digest"),
        *("os.path.join", "os.path.basename", "os.path.normpath", "os.sep", "os.linesep"),
        *("os.fspath", "pathlib.Path", "pathlib.PurePath", "pathlib.Path.with_suffix"),
        *("pathlib.PurePosixPath.name", "io.StringIO", "io.BytesIO", "json.load", "json.dumps"),
        *("csv.reader", "ast.literal_eval", "re.compile", "threading.local", "logging.getLogger"),
        *("logging.info", "pprint.pformat", "traceback.format_exc", "warnings.warn"),
        *("httpx.AsyncClient", "aiohttp.ClientSession", "requests.Session", "openai.AsyncOpenAI"),
        *("redis.Redis", "redis.asyncio.from_url", "sqlalchemy.create_engine", "sqlalchemy.select"),
        *("sqlalchemy.orm.Session", "requests.exceptions.Timeout", "requests.ConnectionError"),
        *("psutil.NoSuchProcess", "smtplib.SMTPException", "socket.timeout", "socket.AF_INET"),
        *("subprocess.CalledProcessError", "subprocess.PIPE", "shlex.quote", "zlib.crc32"),
        *("asyncio.sleep", "asyncio.gather", "asyncio.get_running_loop", "asyncio.Queue"),
        *(
            "anyio.sleep",
            "anyio.create_task_group",
            "numpy.mean",
            "numpy.array",
            "pandas.DataFrame",
        ),
        *("urllib.parse.urlencode", "email.message.EmailMessage", "ipaddress.ip_address"),
        *("structlog.get_logger", "loguru.logger.bind", "sys.version_info", "zoneinfo.ZoneInfo"),
        *("pendulum.parse", "arrow.get", "botocore.exceptions.ClientError", "copy.deepcopy"),
        *("some.project.module", "collections.Counter", "functools.partial", "contextlib.suppress"),
    ],
)
def test_a_deterministic_name_has_no_entry(vocabulary, name):
    assert vocabulary.name(name) is None


@pytest.mark.parametrize(
    ("cls", "path", "category"),
    [
        ("pathlib.Path", "read_text", "file_io"),
        ("pathlib.Path", "exists", "file_io"),
        ("pathlib.PosixPath", "open", "file_io"),
        ("pathlib.Path", "parent.mkdir", "file_io"),
        ("pathlib.Path", "home", "environment"),
        ("httpx.AsyncClient", "get", "network_io"),
        ("aiohttp.ClientSession", "post", "network_io"),
        ("requests.Session", "get", "network_io"),
        ("openai.AsyncOpenAI", "chat.completions.create", "network_io"),
        ("openai.AzureOpenAI", "embeddings.create", "network_io"),
        ("anthropic.AsyncAnthropic", "messages.create", "network_io"),
        ("botocore.client.BaseClient", "get_object", "network_io"),
        ("boto3.resources.base.ServiceResource", "put_item", "network_io"),
        ("sqlite3.Connection", "execute", "network_io"),
        ("sqlite3.Cursor", "fetchall", "network_io"),
        ("sqlalchemy.ext.asyncio.AsyncSession", "execute", "network_io"),
        ("sqlmodel.Session", "exec", "network_io"),
        ("sqlmodel.Session", "commit", "network_io"),
        ("redis.asyncio.Redis", "hgetall", "network_io"),
        ("redis.client.Pipeline", "execute", "network_io"),
        ("asyncpg.Pool", "fetchrow", "network_io"),
        ("pymongo.collection.Collection", "find_one", "network_io"),
        ("pymongo.MongoClient", "shop.orders.find_one", "network_io"),
        ("smtplib.SMTP_SSL", "send_message", "network_io"),
        ("socket.socket", "recv", "network_io"),
        ("asyncio.StreamReader", "readline", "network_io"),
        ("threading.Event", "wait", "blocking_sleep"),
        ("threading.Thread", "join", "blocking_sleep"),
        ("queue.PriorityQueue[builtins.int]", "get", "blocking_sleep"),
        ("concurrent.futures.Future[builtins.int]", "result", "blocking_sleep"),
        ("asyncio.AbstractEventLoop", "run_in_executor", "threading"),
        ("asyncio.SelectorEventLoop", "run_in_executor", "threading"),
        ("asyncio.SelectorEventLoop", "time", "wall_clock"),
        ("random.SystemRandom", "choice", "randomness"),
        ("subprocess.Popen", "kill", "subprocess"),
        ("structlog.BoundLogger", "info", "logging_print"),
        ("rich.console.Console", "print", "logging_print"),
        ("django.db.models.QuerySet", "first", "network_io"),
        ("langchain_openai.ChatOpenAI", "ainvoke", "network_io"),
    ],
)
def test_a_member_of_a_known_class_has_the_category_of_its_rule(vocabulary, cls, path, category):
    entry = vocabulary.member(cls, path)
    assert entry is not None
    assert entry.category == category


@pytest.mark.parametrize(
    ("cls", "path"),
    [
        *(
            ("pathlib.Path", "name"),
            ("pathlib.Path", "with_suffix"),
            ("pathlib.Path", "parent.name"),
        ),
        *(("random.Random", "choice"), ("numpy.random.Generator", "normal")),
        *(("asyncio.AbstractEventLoop", "time"), ("asyncio.AbstractEventLoop", "create_future")),
        *(("concurrent.futures.ThreadPoolExecutor", "submit"), ("io.StringIO", "write")),
        *(("io.TextIOWrapper", "read"), ("logging.Logger", "info"), ("redis.Redis", "pipeline")),
        *(("httpx.Response", "json"), ("httpx.AsyncClient", "__aenter__")),
        *(("httpx.AsyncClient", "build_request"), ("requests.Response", "json")),
        *(("botocore.client.BaseClient", "exceptions.NoSuchKey"), ("datetime.datetime", "date")),
        *(("asyncio.subprocess.Process", "communicate"), ("queue.Queue", "put_nowait")),
        *(("socket.socket", "close"), ("threading.Thread", "start")),
        *(("sqlalchemy.orm.Session", "add"), ("some.project.Path", "read_text")),
        *(("asyncio.Queue", "get"), ("asyncio.Event", "wait"), ("asyncio.Lock", "acquire")),
        *(("builtins.list[pathlib.Path]", "append"), ("re.Pattern", "match")),
    ],
)
def test_a_harmless_member_has_no_entry(vocabulary, cls, path):
    assert vocabulary.member(cls, path) is None


def test_plain_logging_counts_only_when_it_is_asked_for(vocabulary):
    strict = Vocabulary.standard(strict_logging=True)
    assert strict.name("logging.info").category == "logging_print"
    assert strict.member("logging.Logger", "warning").category == "logging_print"
    assert vocabulary.member("logging.Logger", "warning") is None
    assert strict.name("logging.getLogger") is None


@pytest.mark.parametrize(
    ("name", "counts", "harmless"),
    [
        ("time.localtime", given(), given(1.0)),
        ("time.strftime", given("%Y"), given("%Y", ...)),
        ("random.Random", given(), given(7)),
        ("random.Random", given(None), given(starred=True)),
        ("numpy.random.default_rng", given(), given(7)),
        ("uuid.uuid8", given(1), given(1, 2, 3)),
        ("bson.ObjectId", given(), given("64a")),
        ("zipfile.ZipFile", given("a.zip"), given(..., first_type="io.BytesIO")),
        ("zipfile.ZipFile", given(..., first_type="pathlib.Path"), given()),
        ("tarfile.open", given("a.tar"), given(keywords=("fileobj", "mode"))),
        ("pandas.DataFrame.to_csv", given("a.csv"), given(keywords=("index",))),
        ("pandas.read_csv", given(keywords=("filepath_or_buffer",)), given(starred=True)),
        ("django.utils.timezone.localtime", given(), given(...)),
    ],
)
def test_a_condition_says_which_calls_count(vocabulary, name, counts, harmless):
    entry = vocabulary.name(name)
    assert entry.applies(counts)
    assert not entry.applies(harmless)


def test_without_a_condition_every_call_counts(vocabulary):
    entry = vocabulary.name("time.time")
    assert entry.when is When.ALWAYS
    assert entry.applies(given(starred=True))


def test_an_entry_of_a_plain_value_counts_when_it_is_read(vocabulary):
    assert vocabulary.name("os.environ").attribute
    assert vocabulary.name("sys.argv").attribute
    assert not vocabulary.name("os.getenv").attribute


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("pathlib.Path", "pathlib.Path"),
        ("pathlib.Path.home", "pathlib.Path"),
        ("builtins.open", "io.TextIOWrapper"),
        ("io.open", "io.TextIOWrapper"),
        ("datetime.datetime.now", "datetime.datetime"),
        ("os.listdir", "builtins.list[builtins.str]"),
        ("os.path.join", "builtins.str"),
        ("os.environ", "os._Environ[builtins.str]"),
        ("glob.glob", "builtins.list[builtins.str]"),
        ("json.dumps", "builtins.str"),
        ("json.loads", None),
        ("uuid.uuid4", "uuid.UUID"),
        ("random.randint", "builtins.int"),
        ("logging.getLogger", "logging.Logger"),
        ("asyncio.sleep", "coroutine:?"),
        ("asyncio.create_task", "asyncio.Task"),
        ("asyncio.all_tasks", "builtins.set[asyncio.Task]"),
        (
            "asyncio.wait",
            "coroutine:builtins.tuple[builtins.set[asyncio.Task], builtins.set[asyncio.Task]]",
        ),
        ("asyncio.new_event_loop", "asyncio.SelectorEventLoop"),
        ("asyncio.get_running_loop", "asyncio.AbstractEventLoop"),
        ("asyncio.events.get_event_loop", "asyncio.AbstractEventLoop"),
        ("threading.Lock", "threading.Lock"),
        ("boto3.client", "botocore.client.BaseClient"),
        ("sqlalchemy.create_engine", "sqlalchemy.Engine"),
        ("redis.from_url", "redis.Redis"),
        ("structlog.stdlib.get_logger", "structlog.BoundLogger"),
        ("aiosqlite.connect", "context:aiosqlite.Connection"),
        ("asyncpg.create_pool", "context:asyncpg.Pool"),
        ("httpx.stream", "context:httpx.Response"),
        ("openai.AsyncOpenAI", "openai.AsyncOpenAI"),
        ("some.project.function", None),
    ],
)
def test_a_call_gives_a_type(vocabulary, name, type_):
    assert vocabulary.result(name) == type_


@pytest.mark.parametrize(
    ("cls", "name", "type_"),
    [
        ("pathlib.Path", "parent", "pathlib.Path"),
        ("pathlib.PosixPath", "parent", "pathlib.PosixPath"),
        ("pathlib.Path", "__truediv__", "pathlib.Path"),
        ("pathlib.Path", "glob", "typing.Iterator[pathlib.Path]"),
        ("pathlib.Path", "parent.parent", "pathlib.Path"),
        ("pathlib.Path", "stem", "builtins.str"),
        ("builtins.str", "split", "builtins.list[builtins.str]"),
        ("builtins.str", "encode", "builtins.bytes"),
        ("builtins.list[pathlib.Path]", "pop", "pathlib.Path"),
        ("builtins.list", "pop", None),
        ("builtins.list[builtins.str]", "copy", "builtins.list[builtins.str]"),
        ("builtins.dict[builtins.str, pathlib.Path]", "get", "pathlib.Path"),
        ("builtins.dict[builtins.str, pathlib.Path]", "keys", "typing.KeysView[builtins.str]"),
        (
            "builtins.dict[builtins.str, builtins.list[builtins.int]]",
            "values",
            "typing.ValuesView[builtins.list[builtins.int]]",
        ),
        ("builtins.set[builtins.str]", "union", "builtins.set[builtins.str]"),
        ("builtins.set[builtins.str]", "__and__", "builtins.set[builtins.str]"),
        ("builtins.set[builtins.str]", "pop", "builtins.str"),
        ("builtins.frozenset[builtins.int]", "__or__", "builtins.frozenset[builtins.int]"),
        ("typing.KeysView[builtins.str]", "__and__", "builtins.set[builtins.str]"),
        ("collections.defaultdict[builtins.str, builtins.set]", "__getitem__", "builtins.set"),
        ("io.TextIOWrapper", "__enter__", "io.TextIOWrapper"),
        ("io.TextIOWrapper", "read", "builtins.str"),
        ("sqlite3.Connection", "cursor", "sqlite3.Cursor"),
        ("sqlite3.Connection", "execute", "sqlite3.Cursor"),
        ("re.Match[builtins.str]", "group", "builtins.str"),
        ("asyncio.Queue[pathlib.Path]", "get", "coroutine:pathlib.Path"),
        ("asyncio.Task[builtins.int]", "__await__", "builtins.int"),
        ("asyncio.TaskGroup", "create_task", "asyncio.Task"),
        ("concurrent.futures.ThreadPoolExecutor", "submit", "concurrent.futures.Future"),
        ("tempfile.TemporaryDirectory", "__enter__", "builtins.str"),
        ("datetime.datetime", "date", "datetime.date"),
        ("httpx.AsyncClient", "__aenter__", "coroutine:httpx.AsyncClient"),
        ("httpx.AsyncClient", "get", "coroutine:httpx.Response"),
        ("aiohttp.ClientSession", "get", "context:aiohttp.ClientResponse"),
        ("sqlalchemy.orm.Session", "__enter__", "sqlalchemy.orm.Session"),
        ("sqlalchemy.orm.sessionmaker", "__call__", "sqlalchemy.orm.Session"),
        ("pymongo.MongoClient", "__getitem__", "pymongo.database.Database"),
        ("boto3.resources.base.ServiceResource", "Table", "boto3.resources.base.ServiceResource"),
        ("django.db.models.QuerySet", "filter", "django.db.models.QuerySet"),
        ("asyncpg.Pool", "acquire", "context:asyncpg.Connection"),
        ("openai.AsyncOpenAI", "chat.completions", "openai.AsyncOpenAI"),
        ("pymongo.MongoClient", "shop.orders", "pymongo.collection.Collection"),
        ("threading.Lock", "__enter__", "builtins.bool"),
        ("some.project.Thing", "method", None),
        ("some.project.Thing", "__enter__", None),
    ],
)
def test_a_member_gives_a_type(vocabulary, cls, name, type_):
    assert vocabulary.member_result(cls, name) == type_


def test_an_attribute_is_told_from_a_method(vocabulary):
    assert vocabulary.is_attribute("pathlib.Path", "parent") is True
    assert vocabulary.is_attribute("pathlib.Path", "read_text") is False
    assert vocabulary.is_attribute("some.project.Thing", "name") is None


def test_classes_are_known_as_such(vocabulary):
    assert vocabulary.is_class("pathlib.Path") is True
    assert vocabulary.is_class("httpx.AsyncClient") is True
    assert vocabulary.is_class("typing.List") is True
    assert vocabulary.is_class("os.getcwd") is False
    assert vocabulary.is_class("some.project.Thing") is None


def test_a_class_knows_its_bases(vocabulary):
    assert "pathlib.PurePath" in vocabulary.bases("pathlib.Path")
    assert vocabulary.lineage("asyncio.CancelledError")[0] == "asyncio.CancelledError"
    assert "builtins.BaseException" in vocabulary.lineage("asyncio.CancelledError")
    assert "builtins.Exception" not in vocabulary.lineage("asyncio.CancelledError")
    assert "builtins.Exception" in vocabulary.lineage("builtins.KeyError")


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("posix.getcwd", "os.getcwd"),
        ("posixpath.join", "os.path.join"),
        ("_io.open", "builtins.open"),
        ("collections.abc.Iterator", "typing.Iterator"),
        ("collections.abc.Set", "typing.AbstractSet"),
        ("typing.Set", "builtins.set"),
        ("typing_extensions.List", "builtins.list"),
        ("asyncio.tasks.sleep", "asyncio.sleep"),
        ("asyncio.exceptions.CancelledError", "asyncio.CancelledError"),
        ("requests.sessions.Session", "requests.Session"),
        ("sqlalchemy.engine.Engine", "sqlalchemy.Engine"),
        ("some.project.module", "some.project.module"),
    ],
)
def test_a_name_of_several_spellings_has_one_that_counts(vocabulary, name, canonical):
    assert vocabulary.canonical(name) == canonical


def test_what_asyncio_and_anyio_offer_is_durable_when_awaited(vocabulary):
    for name in ("asyncio.sleep", "asyncio.gather", "asyncio.Event", "asyncio.Queue.get"):
        assert vocabulary.is_durable_safe(name), name
    for name in ("anyio.sleep", "anyio.create_task_group", "anyio.Event.wait"):
        assert vocabulary.is_durable_safe(name), name
    for name in ("asyncio.to_thread", "anyio.to_thread.run_sync", "trio.sleep", "httpx.get"):
        assert not vocabulary.is_durable_safe(name), name


def test_an_async_function_is_told_from_a_plain_one(vocabulary):
    assert vocabulary.awaitable("asyncio.sleep") is True
    assert vocabulary.awaitable("time.time") is False
    assert vocabulary.awaitable("some.project.function") is None


def test_what_is_reported_member_by_member_is_known(vocabulary):
    assert vocabulary.is_known("httpx.AsyncClient")
    assert vocabulary.is_known("aiohttp.ClientSession")
    assert vocabulary.is_known("asyncpg.create_pool")
    assert not vocabulary.is_known("some.library.Limiter")


def test_a_project_may_add_names_of_its_own(vocabulary):
    mine = vocabulary.with_config(
        nondeterministic={"wall_clock": ["shop.clock.now"], "network_io": ["shop.api.*"]},
        deterministic=["uuid.uuid4", "psutil.*", "os.environ"],
        activities=["shop.steps.charge", "shop.tasks.*"],
    )
    assert mine.name("shop.clock.now").category == "wall_clock"
    assert mine.name("shop.api.orders.get").category == "network_io"
    assert mine.name("uuid.uuid4") is None
    assert mine.pure("uuid.uuid4")
    assert mine.name("psutil.cpu_percent") is None
    assert mine.name("os.environ") is None
    assert mine.name("os.environ.get") is None
    assert mine.is_activity("shop.steps.charge")
    assert mine.is_activity("shop.tasks.mail.send")
    assert not mine.is_activity("shop.steps.refund")


def test_what_a_project_adds_leaves_the_standard_vocabulary_as_it_was(vocabulary):
    vocabulary.with_config(deterministic=["time.time"], activities=["shop.steps.charge"])
    assert vocabulary.name("time.time") is not None
    assert not vocabulary.is_activity("shop.steps.charge")
