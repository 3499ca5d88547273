"""What codecs do to payloads, and what they undo."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import textwrap
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_async import Codec, Converter, Payload, PayloadTooLargeError, SerializationError
from durable_async.codecs import (
    ChainCodec,
    CompressionCodec,
    DirectoryStore,
    EncryptionCodec,
    OffloadCodec,
)
from durable_async.codecs import directory as directory_module
from durable_async.codecs import offload as offload_module
from durable_async.convert.values import CodecError
from durable_async.model.payload import PAYLOAD_LIMIT

KEYS = {"old": bytes(range(32)), "new": bytes(range(32, 64))}


class Shelf(dict[str, bytes]):
    """The smallest store there is."""

    def put(self, key: str, data: bytes) -> None:
        self[key] = data

    def get(self, key: str) -> bytes:  # type: ignore[override]  # a store's
        return self[key]


CODECS: dict[str, Callable[[], Codec]] = {
    "zlib": lambda: CompressionCodec(min_size=0),
    "zstd": lambda: CompressionCodec("zstd", min_size=0),
    "aes-gcm": lambda: EncryptionCodec(KEYS, current="new"),
    "offload": lambda: OffloadCodec(Shelf(), threshold=1024),
    "chain": lambda: ChainCodec(
        CompressionCodec(min_size=0),
        EncryptionCodec(KEYS, current="new", associated=b"test"),
        OffloadCodec(Shelf(), threshold=1024),
    ),
    "empty chain": ChainCodec,
}

payloads = st.builds(
    Payload,
    st.binary(max_size=200)
    | st.builds(lambda part, times: part * times, st.binary(max_size=9), st.integers(0, 999)),
    st.sampled_from(["json", "of/somebody", ""]),
)


@pytest.mark.parametrize("name", CODECS)
@given(payload=payloads)
def test_what_was_encoded_comes_back(name: str, payload: Payload) -> None:
    codec = CODECS[name]()
    assert codec.decode(codec.encode(payload)) == payload


@pytest.mark.parametrize("name", CODECS)
@given(payload=payloads)
def test_a_payload_without_a_mark_is_read_as_it_is(name: str, payload: Payload) -> None:
    assert CODECS[name]().decode(payload) == payload


@pytest.mark.parametrize("name", CODECS)
@pytest.mark.parametrize("mark", ["zlib", "zstd", "aes-gcm", "aes-gcm/new", "aes-gcm/x", "offload"])
@given(data=st.binary(max_size=100))
def test_a_damaged_payload_is_an_error_of_ours_or_none(name: str, mark: str, data: bytes) -> None:
    payload = Payload(data, f"{mark}/json")
    with contextlib.suppress(SerializationError):
        CODECS[name]().decode(payload)


# ---- compression -----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["zlib", "zstd"])
def test_what_compresses_becomes_smaller_and_is_marked(method: str) -> None:
    made = CompressionCodec(method).encode(Payload(b"a" * 10_000))  # type: ignore[arg-type]
    assert made.encoding == f"{method}/json"
    assert len(made.data) < 100


def test_what_does_not_compress_stays_as_it_is() -> None:
    payload = Payload(secrets.token_bytes(5_000))
    assert CompressionCodec().encode(payload) is payload


def test_what_is_small_is_not_tried() -> None:
    payload = Payload(b"a" * 1_023)
    assert CompressionCodec(min_size=1_024).encode(payload) is payload
    assert CompressionCodec(min_size=1_023).encode(payload).encoding == "zlib/json"


@pytest.mark.parametrize(("write", "read"), [("zlib", "zstd"), ("zstd", "zlib")])
def test_either_method_reads_what_the_other_wrote(write: str, read: str) -> None:
    payload = Payload(b"a" * 10_000)
    made = CompressionCodec(write).encode(payload)  # type: ignore[arg-type]
    assert CompressionCodec(read).decode(made) == payload  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["zlib", "zstd"])
def test_a_bomb_is_refused_before_it_fills_the_memory(method: str) -> None:
    made = CompressionCodec(method).encode(Payload(bytes(100_000)))  # type: ignore[arg-type]
    with pytest.raises(SerializationError, match="larger than 99,999 bytes"):
        CompressionCodec(max_size=99_999).decode(made)
    assert len(CompressionCodec(max_size=100_000).decode(made).data) == 100_000


def test_compressed_data_that_was_cut_is_refused() -> None:
    cut = Payload(zlib.compress(bytes(1_000))[:-2], "zlib/json")
    with pytest.raises(SerializationError, match="damaged"):
        CompressionCodec().decode(cut)


@pytest.mark.parametrize(
    ("arguments", "named"), [({"method": "lzma"}, "lzma"), ({"level": 10}, "0 to 9")]
)
def test_settings_of_compression_that_make_no_sense(
    arguments: dict[str, object], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        CompressionCodec(**arguments)  # type: ignore[arg-type]


# ---- encryption ------------------------------------------------------------------------------


def test_the_text_is_gone_and_the_keys_id_stands_beside_it() -> None:
    made = EncryptionCodec(KEYS, current="new").encode(Payload(b'"a secret"'))
    assert b"secret" not in made.data
    assert made.encoding == "aes-gcm/new/json"


def test_the_same_payload_never_looks_the_same() -> None:
    codec = EncryptionCodec({"k": KEYS["old"]})
    assert codec.encode(Payload(b"1")).data != codec.encode(Payload(b"1")).data


def test_an_old_key_still_reads_what_it_wrote_while_the_new_one_writes() -> None:
    stored = EncryptionCodec({"old": KEYS["old"]}).encode(Payload(b"1"))
    rotated = EncryptionCodec(KEYS, current="new")
    assert rotated.decode(stored) == Payload(b"1")
    assert rotated.encode(Payload(b"1")).encoding.startswith("aes-gcm/new/")


def test_a_missing_key_is_named() -> None:
    stored = EncryptionCodec({"old": KEYS["old"]}).encode(Payload(b"1"))
    with pytest.raises(SerializationError, match=r"key 'old', and this process has 'new'"):
        EncryptionCodec({"new": KEYS["new"]}).decode(stored)


def test_other_bytes_under_the_same_id_are_told() -> None:
    stored = EncryptionCodec({"k": KEYS["old"]}).encode(Payload(b"1"))
    with pytest.raises(SerializationError, match="does not fit key 'k'"):
        EncryptionCodec({"k": KEYS["new"]}).decode(stored)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_no_changed_byte_goes_unnoticed(position: int, change: int) -> None:
    codec = EncryptionCodec(KEYS, current="old")
    made = codec.encode(Payload(b'"text"'))
    data = bytearray(made.data)
    data[position % len(data)] ^= change
    with pytest.raises(SerializationError, match="does not fit"):
        codec.decode(Payload(bytes(data), made.encoding))


def test_the_mark_is_authenticated_as_well() -> None:
    codec = EncryptionCodec({"a": KEYS["old"], "b": KEYS["old"]}, current="a")
    made = codec.encode(Payload(b"1"))
    for changed in ("aes-gcm/b/json", "aes-gcm/a/zlib/json"):
        with pytest.raises(SerializationError, match="does not fit"):
            codec.decode(attrs.evolve(made, encoding=changed))


def test_other_associated_data_reads_nothing() -> None:
    stored = EncryptionCodec({"k": KEYS["old"]}, associated=b"production").encode(Payload(b"1"))
    with pytest.raises(SerializationError, match="associated data"):
        EncryptionCodec({"k": KEYS["old"]}, associated=b"staging").decode(stored)


@pytest.mark.parametrize(
    ("keys", "current", "named"),
    [
        ({}, None, "no key"),
        (KEYS, None, "say which key"),
        (KEYS, "other", "'other'"),
        ({"k": b"short"}, None, "5 bytes"),
        ({"k": "text"}, None, "must be bytes"),
        ({"a/b": KEYS["old"]}, None, "a/b"),
        ({"": KEYS["old"]}, None, "no id"),
    ],
)
def test_keys_that_cannot_be_used_are_refused_at_once(
    keys: dict[str, bytes], current: str | None, named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        EncryptionCodec(keys, current=current)


def test_no_key_stands_in_a_repr() -> None:
    codec = EncryptionCodec({"k": b"0123456789abcdef"})
    assert "0123456789abcdef" not in f"{codec!r} {codec.fingerprint} {ChainCodec(codec)!r}"


@pytest.mark.parametrize("module", ["cryptography", "zstandard"])
def test_without_the_extra_the_error_says_what_to_install(module: str) -> None:
    make = {
        "cryptography": 'EncryptionCodec({"k": bytes(16)})',
        "zstandard": 'CompressionCodec("zstd")',
    }
    script = f"""
        import sys
        sys.modules[{module!r}] = None
        from durable_async.codecs import CompressionCodec, EncryptionCodec
        try:
            {make[module]}
        except ImportError as error:
            print(error)
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )
    assert 'pip install "durable-async[' in done.stdout


# ---- offloading ------------------------------------------------------------------------------


def test_a_large_payload_leaves_its_key_behind() -> None:
    shelf = Shelf()
    codec = OffloadCodec(shelf, threshold=1_024)
    made = codec.encode(Payload(b"a" * 1_024))
    assert len(made.data) < 100
    assert list(shelf.values()) == [b"a" * 1_024]
    assert codec.encode(Payload(b"a" * 1_023)) == Payload(b"a" * 1_023)


def test_the_limit_is_for_what_stays_with_the_instance() -> None:
    large = "a" * (PAYLOAD_LIMIT + 1)
    converter = Converter(codec=OffloadCodec(Shelf()))
    assert converter.decode(converter.encode(large, what="x"), what="x") == large
    with pytest.raises(PayloadTooLargeError):
        Converter().encode(large, what="x")


def test_there_is_a_limit_before_the_codec_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("durable_async.convert.values.RAW_LIMIT", 100)
    shelf = Shelf()
    with pytest.raises(PayloadTooLargeError, match="limit before the codec is 100"):
        Converter(codec=OffloadCodec(shelf)).encode("a" * 100, what="x")
    assert shelf == {}


def test_a_payload_that_was_changed_elsewhere_is_refused() -> None:
    shelf = Shelf()
    codec = OffloadCodec(shelf, threshold=1_024)
    made = codec.encode(Payload(b"a" * 2_000))
    shelf[next(iter(shelf))] = b"b" * 2_000
    with pytest.raises(SerializationError, match="not the 2,000 bytes that were put there"):
        codec.decode(made)


def test_a_payload_that_is_gone_is_named_with_its_store() -> None:
    shelf = Shelf()
    codec = OffloadCodec(shelf, threshold=1_024)
    made = codec.encode(Payload(b"a" * 2_000))
    shelf.clear()
    with pytest.raises(SerializationError, match=r"does not give payload [0-9a-f]{64} \(2,000"):
        codec.decode(made)


class Shaky(Shelf):
    """Gives way a few times."""

    failures = 0

    def _shake(self) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("gone")

    def put(self, key: str, data: bytes) -> None:
        self._shake()
        super().put(key, data)

    def get(self, key: str) -> bytes:  # type: ignore[override]
        self._shake()
        return super().get(key)


@pytest.fixture
def shaky(monkeypatch: pytest.MonkeyPatch) -> Shaky:
    monkeypatch.setattr(offload_module, "_PAUSES", (0, 0))
    return Shaky()


def test_a_store_that_is_gone_for_a_moment_is_asked_again(shaky: Shaky) -> None:
    codec = OffloadCodec(shaky, threshold=1_024)
    shaky.failures = 2
    made = codec.encode(Payload(b"a" * 2_000))
    shaky.failures = 2
    assert codec.decode(made).data == b"a" * 2_000


def test_the_fingerprint_changes_with_the_minutes_of_an_outage_and_with_its_end(
    shaky: Shaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(offload_module.time, "monotonic", lambda: now)
    codec = OffloadCodec(shaky, threshold=1_024)
    made = codec.encode(Payload(b"a" * 2_000))
    seen = [codec.fingerprint]
    shaky.failures = 99
    for now in (1_000.0, 1_061.0):  # noqa: B007  # read by the clock above
        with pytest.raises(SerializationError):
            codec.decode(made)
        seen.append(codec.fingerprint)
    shaky.failures = 0
    codec.decode(made)
    assert codec.fingerprint == seen[0] == ""
    assert len(set(seen)) == 3


def test_that_a_store_gives_one_payload_says_nothing_of_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1_000.0
    monkeypatch.setattr(offload_module.time, "monotonic", lambda: now)
    shelf = Shelf()
    codec = OffloadCodec(shelf, threshold=1_024)
    lost, there = (codec.encode(Payload(letter * 2_000)) for letter in (b"a", b"b"))
    key = lost.data.decode().partition(":")[0]
    data = shelf.pop(key)
    with pytest.raises(SerializationError):
        codec.decode(lost)
    codec.decode(there)
    seen = [codec.fingerprint]
    now += 60
    shelf[key] = data[:-1]  # still not what was put there
    with pytest.raises(SerializationError):
        codec.decode(lost)
    seen.append(codec.fingerprint)
    assert len({"", *seen}) == 3
    shelf[key] = data
    codec.decode(lost)
    assert codec.fingerprint == ""


def test_what_nobody_asks_for_any_more_is_no_longer_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr(offload_module.time, "monotonic", lambda: now)
    shelf = Shelf()
    codec = OffloadCodec(shelf, threshold=1_024)
    lost = codec.encode(Payload(b"a" * 2_000))
    shelf.clear()
    with pytest.raises(SerializationError):
        codec.decode(lost)
    assert codec.fingerprint != ""
    now += 600
    assert codec.fingerprint == ""


# ---- a directory -----------------------------------------------------------------------------

KEY = "ab" * 32


def test_a_directory_gives_what_was_put_there(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "made" / "when" / "missing")
    store.put(KEY, b"data")
    assert DirectoryStore(tmp_path / "made" / "when" / "missing").get(KEY) == b"data"


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "abc", "AB" * 32, "ab/" * 20])
def test_no_key_leads_out_of_the_directory(tmp_path: Path, key: str) -> None:
    store = DirectoryStore(tmp_path)
    with pytest.raises(ValueError, match="no key"):
        store.put(key, b"data")
    with pytest.raises(ValueError, match="no key"):
        store.get(key)


def test_what_was_not_written_to_its_end_has_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    store = DirectoryStore(tmp_path)
    monkeypatch.setattr(directory_module.os, "fsync", full)
    store._path.joinpath(KEY[:2]).mkdir()
    with pytest.raises(OSError, match="No space"):
        store.put(KEY, b"data")
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_data_is_flushed_before_it_is_named_and_the_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def flush(handle: int) -> None:
        steps.append("flush")
        fsync(handle)

    def name(self: Path, target: Path) -> Path:
        steps.append("name")
        return replace(self, target)

    DirectoryStore(tmp_path).put("ab" + "0" * 62, b"first, so that the folder is there")
    monkeypatch.setattr(directory_module.os, "fsync", flush)
    monkeypatch.setattr(Path, "replace", name)
    DirectoryStore(tmp_path).put(KEY, b"data")
    assert steps == ["flush", "name", "flush"]


def test_a_writer_that_is_killed_leaves_no_half_a_payload(tmp_path: Path) -> None:
    script = f"""
        import os, pathlib
        from durable_async.codecs import DirectoryStore
        pathlib.Path.replace = lambda *given: os._exit(9)
        DirectoryStore({str(tmp_path)!r}).put({KEY!r}, b"data")
        """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert done.returncode == 9
    store = DirectoryStore(tmp_path)
    with pytest.raises(FileNotFoundError):
        store.get(KEY)
    assert [f.name[:12] for f in tmp_path.rglob("*") if f.is_file()] == [".unfinished-"]
    store.put(KEY, b"data")
    assert store.get(KEY) == b"data"


def test_many_may_put_the_same_payload_at_once(tmp_path: Path) -> None:
    begin = threading.Barrier(8)
    failed: list[BaseException] = []

    def put() -> None:
        begin.wait()
        try:
            for _ in range(20):
                DirectoryStore(tmp_path).put(KEY, b"data" * 1_000)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [f.name for f in tmp_path.rglob("*") if f.is_file()] == [KEY]


# ---- chains ----------------------------------------------------------------------------------


def _encrypts() -> EncryptionCodec:
    return EncryptionCodec({"k": KEYS["old"]})


@pytest.mark.parametrize(
    "codecs",
    [
        lambda: (_encrypts(), CompressionCodec()),
        lambda: (OffloadCodec(Shelf()), _encrypts()),
        lambda: (OffloadCodec(Shelf()), CompressionCodec()),
        lambda: (_encrypts(), _encrypts()),
    ],
)
def test_an_order_that_does_not_do_what_it_seems_to_is_refused(
    codecs: Callable[[], tuple[Codec, ...]],
) -> None:
    with pytest.raises(ValueError, match="compress, then encrypt, then put elsewhere"):
        ChainCodec(*codecs())


def test_what_is_put_elsewhere_is_encrypted(tmp_path: Path) -> None:
    codec = ChainCodec(_encrypts(), OffloadCodec(DirectoryStore(tmp_path), threshold=1_024))
    codec.encode(Payload(b"secret" * 1_000))
    (file,) = (file for file in tmp_path.rglob("*") if file.is_file())
    assert b"secret" not in file.read_bytes()


def test_a_chain_says_what_its_parts_say() -> None:
    assert ChainCodec(CompressionCodec(), _encrypts()).fingerprint == "aes-gcm:k"


# ---- the converter ---------------------------------------------------------------------------


def test_whoever_asked_is_told_of_what_a_codec_cannot_do() -> None:
    told: list[CodecError] = []
    stored = Converter(codec=_encrypts()).encode(1, what="x")
    for codec in (None, EncryptionCodec({"other": KEYS["new"]})):
        with pytest.raises(SerializationError):
            Converter(codec=codec).reporting(told.append).decode(stored, what="x")
    assert len(told) == 2
    assert "key 'k'" in str(told[1])


def test_whoever_asked_first_is_told_as_well() -> None:
    told: list[str] = []
    converter = Converter().reporting(lambda _: told.append("first"))
    stored = Converter(codec=_encrypts()).encode(1, what="x")
    with pytest.raises(SerializationError):
        converter.reporting(lambda _: told.append("second")).decode(stored, what="x")
    assert told == ["first", "second"]


def test_a_value_that_does_not_fit_is_no_fault_of_the_codec() -> None:
    told: list[CodecError] = []
    converter = Converter(codec=_encrypts()).reporting(told.append)
    with pytest.raises(SerializationError):
        converter.decode(converter.encode("x", what="x"), int, what="x")
    assert told == []
