"""The walk finds each file of the project once, and ends."""

import os
from pathlib import Path

import pytest

from durable_lint.config import Config
from durable_lint.discover.files import NoSuchPathError, Stamp, walk


def written(root: Path, *files: str) -> None:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")


def found(root: Path, *paths: Path, exclude: tuple[str, ...] = ()) -> list[str]:
    files = walk(paths, Config(root=root.as_posix(), exclude=exclude))
    return [path.removeprefix(f"{root.as_posix()}/") for path in files.stamps]


def test_every_python_file_is_found_in_the_order_of_the_paths(tmp_path: Path) -> None:
    written(tmp_path, "b.py", "a/z.py", "a/b/c.py", "a/readme.md", "a/stub.pyi", "a/x.v2/d.py")
    assert found(tmp_path) == ["a/b/c.py", "a/x.v2/d.py", "a/z.py", "b.py"]


def test_a_file_has_its_time_and_size(tmp_path: Path) -> None:
    written(tmp_path, "a.py")
    status = (tmp_path / "a.py").stat()
    files = walk([], Config(root=tmp_path.as_posix()))
    assert files.stamps == {f"{tmp_path.as_posix()}/a.py": Stamp(status.st_mtime_ns, 6)}


@pytest.mark.parametrize("name", [".git", ".venv", "node_modules", "build", "__pycache__"])
def test_what_is_not_the_projects_is_left_out_unless_it_is_given(tmp_path: Path, name: str) -> None:
    written(tmp_path, f"{name}/a.py", f"app/{name}/b.py", "c.py")
    assert found(tmp_path) == ["c.py"]
    assert f"{name}/a.py" in found(tmp_path, tmp_path / name)
    assert found(tmp_path, tmp_path / "app" / name / "b.py") == [f"app/{name}/b.py", "c.py"]


def test_an_environment_of_any_name_is_left_out(tmp_path: Path) -> None:
    written(tmp_path, "env311/lib/a.py", "b.py")
    (tmp_path / "env311" / "pyvenv.cfg").write_text("")
    assert found(tmp_path) == ["b.py"]


def test_what_is_excluded_is_left_out_even_when_a_hook_gives_it(tmp_path: Path) -> None:
    written(tmp_path, "generated/a.py", "app/old_x.py", "app/b.py")
    exclude = ("generated", "app/old_*.py")
    assert found(tmp_path, exclude=exclude) == ["app/b.py"]
    assert found(tmp_path, tmp_path / "app" / "old_x.py", exclude=exclude) == ["app/b.py"]


def test_one_given_file_has_the_whole_project_as_its_reach(tmp_path: Path) -> None:
    written(tmp_path, "a.py", "b/c.py", "b/cc.py")
    one = (tmp_path / "a.py").as_posix()
    files = walk([one], Config(root=tmp_path.as_posix()))
    assert len(files.stamps) == 3
    assert [path for path in files.stamps if files.chosen(path)] == [one]
    files = walk([tmp_path / "b"], Config(root=tmp_path.as_posix()))
    assert [Path(path).name for path in files.stamps if files.chosen(path)] == ["c.py", "cc.py"]
    assert not files.chosen((tmp_path / "bb.py").as_posix())


def test_a_given_path_outside_of_the_project_is_walked_too(tmp_path: Path) -> None:
    written(tmp_path, "p/a.py", "elsewhere/b.py")
    assert found(tmp_path / "p", tmp_path / "elsewhere") == [
        f"{tmp_path.as_posix()}/elsewhere/b.py",
        "a.py",
    ]


def test_a_relative_path_is_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "a/b.py")
    monkeypatch.chdir(tmp_path / "a")
    assert found(tmp_path, Path("../a/./b.py"), Path()) == ["a/b.py"]


def test_a_script_without_a_suffix_is_read_when_given_and_a_stub_never(tmp_path: Path) -> None:
    written(tmp_path, "run", "stub.pyi")
    assert found(tmp_path, tmp_path / "run", tmp_path / "stub.pyi") == ["run"]


def test_a_path_that_is_not_there_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.py", tmp_path / "nul\0.py"):
        with pytest.raises(NoSuchPathError, match=path.name.partition("\0")[0]):
            found(tmp_path, path)


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    written(tmp_path, "p/a/b.py")
    (tmp_path / "p" / "a" / "up").symlink_to(tmp_path / "p", target_is_directory=True)
    (tmp_path / "p" / "a" / "out").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "p" / "self.py").symlink_to("self.py")
    (tmp_path / "p" / "self").symlink_to("self")
    (tmp_path / "p" / "nothing.py").symlink_to("missing.py")
    assert found(tmp_path / "p") == ["a/b.py"]


def test_a_link_to_outside_is_followed_once(tmp_path: Path) -> None:
    written(tmp_path, "p/a.py", "shared/b.py", "c.py")
    (tmp_path / "shared" / "loop").symlink_to(tmp_path / "shared", target_is_directory=True)
    for name in ("one", "two"):
        (tmp_path / "p" / name).symlink_to(tmp_path / "shared", target_is_directory=True)
    (tmp_path / "p" / "c.py").symlink_to(tmp_path / "c.py")
    paths = found(tmp_path / "p")
    assert paths == ["a.py", "c.py", "one/b.py"]


def test_a_root_that_is_a_link_is_walked(tmp_path: Path) -> None:
    written(tmp_path, "real/a.py", "real/sub/b.py")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert found(tmp_path / "link") == ["a.py", "sub/b.py"]


def test_what_only_looks_like_a_file_is_never_opened(tmp_path: Path) -> None:
    written(tmp_path, "a.py", "package.py/b.py")
    os.mkfifo(tmp_path / "pipe.py")
    assert found(tmp_path, tmp_path / "pipe.py") == ["a.py"]


def test_a_directory_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, "a.py", "locked/b.py")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    files = walk([], Config(root=tmp_path.as_posix()))
    assert [Path(path).name for path in files.stamps] == ["a.py"]
    assert files.troubles == (((tmp_path / "locked").as_posix(), "Permission denied"),)
