"""Code that is found at run time: nobody can say what it will be at replay."""

from typing import Final

from durable_lint.vocabulary.family import Family

__all__ = ["DYNAMIC"]

DYNAMIC: Final = Family(
    calls={
        "dynamic_code": {
            "builtins": "eval exec compile __import__",
            "importlib": "import_module reload __import__",
            "importlib.util": "spec_from_file_location spec_from_loader module_from_spec find_spec",
            "importlib.machinery": "SourceFileLoader SourcelessFileLoader ExtensionFileLoader",
            "importlib.metadata": "entry_points version distribution distributions metadata files"
            " requires packages_distributions",
            "pkgutil": "iter_modules walk_packages resolve_name find_loader get_loader get_importer"
            " iter_importers iter_importer_modules",
            "runpy": "run_path run_module",
            "imp": "*",
            "code": "InteractiveInterpreter InteractiveConsole compile_command",
            "codeop": "compile_command Compile CommandCompiler",
            "types": "FunctionType CodeType LambdaType",
            "marshal": "loads load",
            "pickle": "loads load Unpickler",
            "pickle.Unpickler": "load",
            "_pickle": "loads load",
            "ctypes": "CFUNCTYPE WINFUNCTYPE PYFUNCTYPE",
            "inspect": "stack currentframe trace getouterframes getinnerframes",
            "zipimport": "zipimporter",
        },
    },
    pure={
        "ast": "*",
        "re": "*",
        "operator": "*",
        "inspect": "*",
        "types": "*",
        "pickle": "*",
        "marshal": "dump dumps version",
        "importlib": "invalidate_caches abc.*",
        "importlib.util": "*",
        "importlib.machinery": "*",
        "importlib.metadata": "*",
        "pkgutil": "*",
        "runpy": "*",
        "code": "*",
        "codeop": "*",
    },
    aliases={
        "pickle._loads": "pickle.loads",
        "cPickle": "pickle",
        "importlib._bootstrap": "importlib",
        "importlib_metadata": "importlib.metadata",
    },
)
