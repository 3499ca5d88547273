"""What is seen again at each replay: output that no logger holds back."""

from typing import Final

from durable_lint.vocabulary.family import Family

__all__ = ["OUTPUT", "STRICT_LOGGING"]

OUTPUT: Final = Family(
    calls={
        "logging_print": {
            "builtins": "print help",
            "pprint": "pprint pp",
            "pprint.PrettyPrinter": "pprint",
            "traceback": "print_exc print_exception print_last print_list print_stack print_tb",
            "traceback.TracebackException": "print",
            "sys.stdout": "write writelines flush",
            "sys.stderr": "write writelines flush",
            "sys.__stdout__": "write writelines flush",
            "sys.__stderr__": "write writelines flush",
            "sys.stdout.buffer": "write flush",
            "sys.stderr.buffer": "write flush",
            "sys": "displayhook",
            "syslog": "syslog openlog closelog",
            "asyncio": "print_call_graph",
            "dis": "dis disassemble distb show_code",
            "logging": "lastResort",
        },
    },
    advice={
        "builtins.print": "durable_async.get_logger(__name__).info(...)",
        "traceback.print_exc": "durable_async.get_logger(__name__).exception(...)",
    },
    pure={
        "pprint": "pformat PrettyPrinter saferepr isreadable isrecursive",
        "traceback": "*",
        "syslog": "*",
        "logging": "*",
        "logging.config": "*",
        "logging.handlers": "*",
        "dis": "*",
    },
    bases={"sys.stdout": "", "sys.stderr": ""},
)

_LEVELS = "debug info warning warn error exception critical fatal log"

STRICT_LOGGING: Final = Family(
    calls={
        "logging_print": {
            "logging": f"{_LEVELS} basicConfig disable captureWarnings shutdown",
            "logging.Logger": f"{_LEVELS} handle",
            "logging.LoggerAdapter": "debug info warning warn error exception critical log",
            "logging.config": "dictConfig listen stopListening",
        },
    },
    advice={"logging.info": "durable_async.get_logger(__name__).info(...)"},
)
"""Added when `strict-logging` is on; otherwise the worker holds plain logging back at replay."""
