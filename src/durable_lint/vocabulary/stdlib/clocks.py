"""What the standard library knows of time: each of these is another at replay."""

from typing import Final

from durable_lint.vocabulary.entry import When
from durable_lint.vocabulary.family import Family

__all__ = ["CLOCKS"]

CLOCKS: Final = Family(
    calls={
        "wall_clock": {
            "time": "time time_ns monotonic monotonic_ns perf_counter perf_counter_ns process_time"
            " process_time_ns thread_time thread_time_ns clock_gettime clock_gettime_ns"
            " clock_getres get_clock_info localtime gmtime ctime asctime strftime"
            " pthread_getcpuclockid clock_settime clock_settime_ns",
            "datetime.datetime": "now utcnow today astimezone",
            "datetime.date": "today",
            # The running loop's time is durable, that of a loop made by hand is not.
            "asyncio.SelectorEventLoop": "time",
            "email.utils": "localtime formatdate make_msgid",
            "timeit": "default_timer timeit repeat main",
            "timeit.Timer": "timeit repeat autorange",
            "os": "times",
            "_datetime.datetime": "now utcnow today",
            "calendar": "main",
        },
    },
    conditions={
        "time.localtime": When.NO_ARGUMENT,
        "time.gmtime": When.NO_ARGUMENT,
        "time.ctime": When.NO_ARGUMENT,
        "time.asctime": When.NO_ARGUMENT,
        "time.strftime": When.ONE_ARGUMENT,
        "datetime.datetime.astimezone": When.NO_ARGUMENT,
        "email.utils.localtime": When.NO_ARGUMENT,
        "email.utils.formatdate": When.NO_ARGUMENT,
    },
    advice={
        "time.time": "durable_async.now().timestamp()",
        "time.time_ns": "int(durable_async.now().timestamp() * 1e9)",
        "time.monotonic": "asyncio.get_running_loop().time()",
        "time.perf_counter": "asyncio.get_running_loop().time()",
        "datetime.datetime.now": "durable_async.now()",
        "datetime.datetime.utcnow": "durable_async.now()",
        "datetime.datetime.today": "durable_async.now()",
        "datetime.date.today": "durable_async.now().date()",
        "time.localtime": "durable_async.now().timetuple()",
        "time.gmtime": "durable_async.now().utctimetuple()",
        "time.ctime": "durable_async.now().ctime()",
        "time.asctime": "durable_async.now().ctime()",
        "time.strftime": "durable_async.now().strftime(...)",
        "email.utils.formatdate": "email.utils.format_datetime(durable_async.now())",
    },
    pure={
        "time": "strptime struct_time mktime",
        "datetime": "datetime date time timedelta timezone tzinfo UTC MINYEAR MAXYEAR",
        "email.utils": "collapse_rfc2231_value decode_params decode_rfc2231 encode_rfc2231"
        " format_datetime formataddr getaddresses mktime_tz parseaddr parsedate"
        " parsedate_to_datetime parsedate_tz quote unquote",
        "calendar": "*",
    },
)
