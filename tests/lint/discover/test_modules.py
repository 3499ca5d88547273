"""A name is resolved as Python would resolve it, as far as the files alone can tell."""

import pytest

from durable_lint.discover.modules import Modules


def project(*files: str, **options: object) -> Modules:
    return Modules([f"/p/{file}" for file in files], root="/p", **options)  # type: ignore[arg-type]


def test_a_script_finds_the_module_beside_it() -> None:
    modules = project("jobs/main.py", "jobs/helpers.py")
    assert modules.find("/p/jobs/main.py", "helpers") == "/p/jobs/helpers.py"


def test_a_file_of_a_package_finds_modules_from_above_its_top_level_package() -> None:
    modules = project("src/app/__init__.py", "src/app/core/__init__.py", "src/app/core/flow.py")
    importer = "/p/src/app/core/flow.py"
    assert modules.find(importer, "app") == "/p/src/app/__init__.py"
    assert modules.find(importer, "app.core") == "/p/src/app/core/__init__.py"
    assert modules.find(importer, "app.core.flow") == importer


def test_tests_find_the_package_under_src() -> None:
    modules = project("src/app/__init__.py", "src/app/flow.py", "tests/unit/test_flow.py")
    assert modules.find("/p/tests/unit/test_flow.py", "app.flow") == "/p/src/app/flow.py"


def test_a_namespace_package_leads_to_its_modules_and_has_no_file() -> None:
    modules = project("src/corp/billing/flow.py", "src/corp/shipping/__init__.py")
    importer = "/p/src/corp/shipping/__init__.py"
    assert modules.find(importer, "corp.billing.flow") == "/p/src/corp/billing/flow.py"
    assert modules.find(importer, "corp.billing") is None
    assert modules.is_namespace(importer, "corp.billing")
    assert not modules.is_namespace(importer, "corp.billing.flow")
    assert not modules.is_namespace(importer, "corp.nothing")


def test_a_package_goes_before_a_module_of_the_same_name() -> None:
    modules = project("app.py", "app/__init__.py", "main.py")
    assert modules.find("/p/main.py", "app") == "/p/app/__init__.py"


def test_a_package_of_another_distribution_in_the_project_is_found_nearest_first() -> None:
    modules = project(
        "services/a/src/a/__init__.py",
        "services/a/src/shared/__init__.py",
        "other/deep/shared/__init__.py",
        "services/b/src/b/__init__.py",
    )
    importer = "/p/services/b/src/b/__init__.py"
    assert modules.find(importer, "a") == "/p/services/a/src/a/__init__.py"
    assert modules.find(importer, "shared") == "/p/services/a/src/shared/__init__.py"


def test_a_library_is_never_guessed_from_somewhere_else_in_the_project() -> None:
    files = ("app/__init__.py", "app/flow.py", "app/redis.py", "vendored/requests/__init__.py")
    modules = project(*files, external={"redis", "requests"}.__contains__)
    assert modules.find("/p/app/flow.py", "redis") is None
    assert modules.find("/p/app/flow.py", "requests") is None
    assert project(*files).find("/p/app/flow.py", "redis") == "/p/app/redis.py"


@pytest.mark.parametrize("name", ["calendar", "random", "time", "sys", "os.path"])
def test_in_a_package_a_standard_module_is_the_standard_one(name: str) -> None:
    top = name.partition(".")[0]
    modules = project("app/__init__.py", "app/flow.py", f"app/{top}.py", f"{top}.py")
    assert modules.find("/p/app/flow.py", name) is None


def test_a_directory_with_modules_above_it_is_a_namespace_package_not_a_script_directory() -> None:
    modules = project("main.py", "services/flow.py", "services/calendar.py")
    assert modules.find("/p/services/flow.py", "calendar") is None
    assert modules.find("/p/main.py", "services.calendar") == "/p/services/calendar.py"


def test_beside_a_script_a_module_hides_the_standard_one_unless_python_has_it_loaded() -> None:
    modules = project("cases/one/main.py", "cases/one/random.py", "cases/one/time.py")
    assert modules.find("/p/cases/one/main.py", "random") == "/p/cases/one/random.py"
    assert modules.find("/p/cases/one/main.py", "time") is None


def test_a_file_does_not_import_itself_under_the_name_of_a_library() -> None:
    modules = project("jobs/deep/redis.py", "jobs/deep/main.py")
    assert modules.find("/p/jobs/deep/redis.py", "redis") is None
    assert modules.find("/p/jobs/deep/main.py", "redis") == "/p/jobs/deep/redis.py"


@pytest.mark.parametrize("name", ["numpy", "numpy.random", "app.missing", "", ".", "app..flow"])
def test_a_name_that_no_file_provides_is_none(name: str) -> None:
    modules = project("app/__init__.py", "app/flow.py")
    assert modules.find("/p/app/flow.py", name) is None


def test_relative_imports_go_by_directories() -> None:
    modules = project("a/__init__.py", "a/b/__init__.py", "a/b/c.py", "a/d.py", "a/n/e.py")
    importer = "/p/a/b/c.py"
    assert modules.resolve_relative(importer, 1, "") == "/p/a/b/__init__.py"
    assert modules.resolve_relative(importer, 1, "c") == "/p/a/b/c.py"
    assert modules.resolve_relative(importer, 2, "") == "/p/a/__init__.py"
    assert modules.resolve_relative(importer, 2, "d") == "/p/a/d.py"
    assert modules.resolve_relative(importer, 2, "b.c") == importer
    assert modules.resolve_relative(importer, 2, "n.e") == "/p/a/n/e.py"
    assert modules.resolve_relative(importer, 2, "n") is None
    assert modules.is_relative_namespace(importer, 2, "n")
    assert not modules.is_relative_namespace(importer, 2, "b")
    assert modules.resolve_relative("/p/a/b/__init__.py", 1, "c") == "/p/a/b/c.py"
    assert modules.resolve_relative(importer, 2, "missing") is None


def test_a_relative_import_above_everything_is_none() -> None:
    modules = project("a/__init__.py", "a/b.py")
    assert modules.resolve_relative("/p/a/b.py", 99, "x") is None
    assert modules.resolve_relative("/p/a/b.py", 99, "") is None


def test_a_package_knows_its_modules() -> None:
    modules = project("a/__init__.py", "a/b.py", "a/c/__init__.py")
    assert modules.submodule("/p/a/__init__.py", "b") == "/p/a/b.py"
    assert modules.submodule("/p/a/__init__.py", "c") == "/p/a/c/__init__.py"
    assert modules.submodule("/p/a/__init__.py", "d") is None
    assert modules.submodule("/p/a/b.py", "b") is None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("src/app/__init__.py", "app"),
        ("src/app/flow.py", "app.flow"),
        ("src/app/__main__.py", "app.__main__"),
        ("src/corp/billing/flow.py", "corp.billing.flow"),
        ("main.py", "main"),
        ("tests/lint/cases/one/main.py", "main"),
        ("services/flow.py", "services.flow"),
        ("my-jobs/run.py", "run"),
    ],
)
def test_a_file_has_the_name_that_others_import_it_by(path: str, name: str) -> None:
    modules = project(path, "src/app/__init__.py", "main.py")
    assert modules.name(f"/p/{path}") == name


def test_the_root_is_what_the_files_share_when_none_is_given() -> None:
    modules = Modules(["/w/app/__init__.py", "/w/app/flow.py", "/w/tool.py"])
    assert modules.root == "/w"
    assert modules.find("/w/app/flow.py", "tool") == "/w/tool.py"
    assert Modules([]).find("/w/app/flow.py", "tool") is None


def test_a_file_outside_of_the_root_sees_its_own_surroundings() -> None:
    modules = Modules(["/p/a.py", "/elsewhere/b.py", "/elsewhere/c.py"], root="/p")
    assert modules.find("/elsewhere/b.py", "c") == "/elsewhere/c.py"
    assert modules.find("/elsewhere/b.py", "a") is None
