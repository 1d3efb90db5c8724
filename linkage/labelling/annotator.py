"""Pairs in the JSON format of recordlinkage's browser annotator.

The format is version 1 of ``recordlinkage.write_annotation_file``: a list of pairs, each with the two
record keys, the values side by side, and, once judged, a ``label``: 1 for one person, 0 for two.
Written here, because that library needs an older pandas than this one runs beside.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from linkage.errors import SourceError

VERSION: Final = 1
_LABELS: Final = {"yes": 1, "no": 0}
_OWN: Final = ("stratum", "stratum_size")
"""Carried along in each pair under ``linkage``, which the annotator does not look at."""


def rendered(pairs: pl.DataFrame) -> str:
    """Pairs as the annotator reads them.

    Args:
        pairs: ``record_id, person_id, is_match`` (``yes``, ``no`` or anything else) and values side
            by side as ``<field>_record`` and ``<field>_candidate``.

    Example:
        >>> one = {"record_id": ["r1"], "person_id": ["p1"], "is_match": ["yes"]}
        >>> json.loads(rendered(pl.DataFrame(one)))["pairs"][0]["label"]
        1
    """
    fields = [name.removesuffix("_record") for name in pairs.columns if name.endswith("_record")]
    content = {"version": VERSION, "pairs": [_pair(row, fields) for row in pairs.to_dicts()]}
    return json.dumps(content, ensure_ascii=True, indent=2)  # its reader knows no encoding


def _pair(row: Mapping[str, Any], fields: list[str]) -> dict[str, Any]:
    pair: dict[str, Any] = {
        "fields": [
            {
                "a": {"name": name, "value": row[f"{name}_record"], "type": "String"},
                "b": {"name": name, "value": row.get(f"{name}_candidate"), "type": "String"},
                "similarity": None,
            }
            for name in fields
        ],
        "identifiers": {
            "a": {"dataset": "registry", "record": row["record_id"]},
            "b": {"dataset": "population", "record": row["person_id"]},
        },
    }
    if row["is_match"] in _LABELS:
        pair["label"] = _LABELS[row["is_match"]]
    own = {name: row[name] for name in _OWN if row.get(name) is not None}
    return {**pair, "linkage": own} if own else pair


def parsed(content: bytes, name: str) -> pl.DataFrame:
    """The annotator's file as a frame of pairs.

    Args:
        content: of the file.
        name: what errors call it.

    Returns:
        ``record_id, person_id, is_match`` (``yes``, ``no`` or empty), the values side by side, and
        ``stratum, stratum_size`` where they are.

    Raises:
        SourceError: it is not such a file.
    """
    try:
        data = json.loads(content)
        rows = list(_rows(data["pairs"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        message = f"{name} is not an annotation file"
        raise SourceError(
            message,
            expected="JSON as recordlinkage.write_annotation_file or linkage label writes it",
            found="something else",
        ) from None
    empty = {"record_id": pl.String, "person_id": pl.String, "is_match": pl.String}
    return pl.DataFrame(rows, infer_schema_length=None) if rows else pl.DataFrame(schema=empty)


def _rows(pairs: list[Any]) -> Iterator[dict[str, Any]]:
    said = {1: "yes", 0: "no", None: ""}
    for pair in pairs:
        keys = pair["identifiers"]
        row = {
            "is_match": said.get(pair.get("label"), "other"),
            "record_id": str(keys["a"]["record"]),
            "person_id": str(keys["b"]["record"]),
        }
        for field in pair["fields"]:
            row[f"{field['a']['name']}_record"] = field["a"]["value"]
            row[f"{field['b']['name']}_candidate"] = field["b"]["value"]
        yield row | {name: pair["linkage"][name] for name in _OWN if "linkage" in pair}
