"""A backup of real files, as examples/backup.py makes it."""

from pathlib import Path

import pytest
from backup import back_up, copy_file, list_files

from durable_async import testing

FUNCTIONS = [back_up, list_files, copy_file]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "2025" / "summer").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"a" * 10)
    (folder / "2025" / "b.jpg").write_bytes(b"b" * 20)
    (folder / "2025" / "summer" / "c.jpg").write_bytes(b"")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


async def test_every_file_is_copied_and_the_bytes_are_counted(folder: Path, tmp_path: Path) -> None:
    async with testing.environment(FUNCTIONS) as env:
        handle = await env.client.start(back_up(folder, tmp_path / "copy"))
        assert await handle.result() == 30
    assert contents(tmp_path / "copy") == contents(folder)


async def test_an_empty_folder_is_backed_up_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    async with testing.environment(FUNCTIONS) as env:
        handle = await env.client.start(back_up(tmp_path / "empty", tmp_path / "copy"))
        assert await handle.result() == 0


async def test_no_file_is_half_there_when_a_copy_fails(folder: Path, tmp_path: Path) -> None:
    (folder / "2025" / "b.jpg").unlink()
    async with testing.environment(FUNCTIONS) as env:
        env.replace(list_files, lambda folder: [Path("a.jpg"), Path("2025/b.jpg")])
        handle = await env.client.start(back_up(folder, tmp_path / "copy"))
        with pytest.raises(FileNotFoundError):
            await handle.result()
    assert not (tmp_path / "copy" / "2025" / "b.jpg").exists()


async def test_a_backup_that_is_killed_at_every_step_is_whole(folder: Path, tmp_path: Path) -> None:
    async with testing.environment(FUNCTIONS, crash="every-commit") as env:
        handle = await env.client.start(back_up(folder, tmp_path / "copy"))
        assert await handle.result() == 30
    assert contents(tmp_path / "copy") == contents(folder)
