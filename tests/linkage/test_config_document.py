"""YAML with places."""

import datetime as dt
from pathlib import Path

import pytest

from linkage.config.document import Document, dotted, keep_texts, read_document
from linkage.errors import ConfigError


def document_of(folder: Path, text: str) -> Document:
    path = folder / "job.yaml"
    path.write_text(text, "utf-8")
    return read_document(path)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("~", None),
        ("null", None),
        ("", None),
        ("3", 3),
        ("010", "010"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("0.5", 0.5),
        ("1e-3", 0.001),
        ("2026-10-01", dt.date(2026, 10, 1)),
        ("2026-02-30", "2026-02-30"),
        ("'3'", "3"),
        ('";"', ";"),
        ('"\\t"', "\t"),
    ],
)
def test_scalars_are_what_they_look_like(tmp_path: Path, written: str, value: object) -> None:
    assert document_of(tmp_path, f"key: {written}\n").data == {"key": value}


def test_headers_spellings_and_marks_stay_texts(tmp_path: Path) -> None:
    document = document_of(
        tmp_path,
        "columns: {NO: 1, person_id: 2026-10-01, birth_date: true, sex: 01}\n"
        "fields: {sex: {values: {male: [1, M], female: [0]}}}\n"
        "source: {delimiter: 1, encoding: 1258, quote: null}\n",
    )
    keep_texts(document)
    assert document.data == {
        "columns": {"NO": "1", "person_id": "2026-10-01", "birth_date": "true", "sex": "01"},
        "fields": {"sex": {"values": {"male": ["1", "M"], "female": ["0"]}}},
        "source": {"delimiter": "1", "encoding": "1258", "quote": None},
    }


def test_every_part_has_its_line(tmp_path: Path) -> None:
    document = document_of(tmp_path, "a:\n  b:\n    - 1\n    - 2\nc: 3\n")
    assert document.place(("a", "b", 1)).endswith("job.yaml:4: a.b[1]")
    assert document.place(("c", "missing")).endswith("job.yaml:5: c.missing")


def test_a_key_that_stands_twice_is_noted_with_both_lines(tmp_path: Path) -> None:
    (problem,) = document_of(tmp_path, "a: 1\nb: 2\na: 3\n").problems
    assert problem.place.endswith("job.yaml:3: a")
    assert problem.found == "also in line 1"


def test_variables_are_expanded_and_kept_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINKAGE_TEST_FOLDER", "/data")
    document = document_of(tmp_path, "path: ${LINKAGE_TEST_FOLDER}/x.csv\n")
    assert document.data == {"path": "/data/x.csv"}
    assert document.written == {"path": "${LINKAGE_TEST_FOLDER}/x.csv"}


def test_a_missing_variable_is_noted_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LINKAGE_TEST_FOLDER", raising=False)
    (problem,) = document_of(tmp_path, "a: 1\npath: ${LINKAGE_TEST_FOLDER}\n").problems
    assert "LINKAGE_TEST_FOLDER is not set" in problem.message
    assert problem.place.endswith("job.yaml:2: path")


@pytest.mark.parametrize("text", ["a: [1\n", "a: b: c\n", "\tb: 1\n", "a: 1\n---\nb: 2\n"])
def test_what_is_not_yaml_is_placed(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"job\.yaml:\d+:\d+: this is not YAML"):
        document_of(tmp_path, text)


def test_a_variable_in_a_flow_mapping_must_be_quoted(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="quote texts with a variable"):
        document_of(tmp_path, "source: {path: ${FOLDER}/sims.csv}\n")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_bytes("a: Đường".encode("utf-16"))
    with pytest.raises(ConfigError, match="not in UTF-8"):
        read_document(path)


def test_tags_are_not_allowed(tmp_path: Path) -> None:
    document = document_of(tmp_path, "a: !!python/name:os.system ''\n")
    assert "is not allowed" in document.problems[0].message


def test_aliases_of_aliases_do_not_grow_without_end(tmp_path: Path) -> None:
    lines = ["a0: &a0 [1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 8)]
    with pytest.raises(ConfigError, match="too large"):
        document_of(tmp_path, "\n".join(lines))


def test_key_paths_read_as_people_write_them() -> None:
    assert dotted(("registries", "sim", "link", "block", 0, 1)) == "registries.sim.link.block[0][1]"
