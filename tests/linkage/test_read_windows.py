"""Windows of a text file: whole lines, whatever their encoding, and every byte hashed once."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from linkage.config.models import SourceConfig
from linkage.errors import SourceError
from linkage.read.windows import windows

TEXT = "mã;họ tên\nA1;Nguyễn Thị Lan\nA2;Trần Quốc Bảo\r\n\nA3;Lê Thị Hồng"


def read(path: Path, encoding: str, size: int) -> tuple[list[bytes], str]:
    digest = hashlib.sha256()
    return list(windows("sim", path, encoding, digest, size=size)), digest.hexdigest()


@pytest.mark.parametrize("size", [1, 7, 16, 1000])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf16", "utf-16-le", "utf-32"]
)
def test_windows_join_to_the_text(tmp_path: Path, encoding: str, size: int) -> None:
    path = tmp_path / "sim.csv"
    path.write_bytes(TEXT.encode(encoding))
    found, digest = read(path, encoding, size)
    assert b"".join(found).decode() == TEXT
    assert all(window.endswith(b"\n") for window in found[:-1])
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_bytes_of_another_encoding_are_placed_in_the_file(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "sim.csv"
    good = "một dòng\n".encode(encoding)
    path.write_bytes(good * 3 + (b"\xff\xff\n" if encoding == "utf-8" else b"\x00\xdc\x41\x00"))
    with pytest.raises(SourceError, match=f"byte(?: offset)? {len(good) * 3}"):
        read(path, encoding, len(good))


def test_a_large_file_is_read_as_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows of a few bytes, quoted cells over several lines, a broken row: the same rows."""
    from linkage.read import read_source
    from linkage.read import windows as module

    path = tmp_path / "sim.csv"
    rows = [f'{n};"Nguyễn\nThị {n}";x{n}' for n in range(50)]
    path.write_text("\n".join(["a;b;c", *rows[:20], "broken", *rows[20:]]))
    columns = {"record_id": "a", "full_name": "b", "phone": "c"}
    source = SourceConfig(path=path)
    whole = read_source("sim", source, columns, "record_id")
    monkeypatch.setattr(module.windows, "__kwdefaults__", {"size": 64})
    small = read_source("sim", source, columns, "record_id", folder=tmp_path)
    assert small.rows.equals(whole.rows)
    assert small.rejects.equals(whole.rejects)
    assert small.source == whole.source
    assert whole.height == 50
