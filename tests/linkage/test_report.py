"""The report: what it must say, and what it must never hold."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import polars as pl
import pytest

from linkage.contracts import (
    CORRECTIONS,
    DUPLICATES,
    POPULATION_ISSUES,
    RECORDS,
    REJECTS,
    REVIEW,
    case_table,
)
from linkage.report import render
from linkage.result import RegistryResult, RunResult

Row = dict[str, Any]

PERSONAL = (
    "079088001234",
    "NGUYEN THI SECRET",
    "+84912345678",
    "SIM-0001",
    "29-12",
    "12 Hidden St",
)


def records(name: str) -> pl.DataFrame:
    common = {"row": 1, "subject_type": "person", "decided_by": "model", "match_probability": 0.999}
    rows: list[Row] = [
        {
            "record_id": "SIM-0001",
            "link_status": "linked",
            "person_id": "079088001234",
            "outcome": "FIELD_DIFF",
            "diff_fields": ["full_name"],
            "reasons": ["ABOVE_THRESHOLD"],
        },
        {
            "record_id": f"{name}-2",
            "link_status": "review",
            "outcome": "NOT_FOUND",
            "diff_fields": [],
            "reasons": ["LOW_MARGIN", "TWINS"],
        },
    ]
    return pl.DataFrame([{**common, **row} for row in rows], schema=RECORDS.schema)


def cases(name: str) -> pl.DataFrame:
    row = {
        "case_id": "c1",
        "record_id": "SIM-0001",
        "person_id": "079088001234",
        "phone": "+84912345678",
        "province": "79",
        "reasons": ["OVER_LIMIT", "SITE_RULE"],
        "severity": "medium",
        "confidence": 0.97,
        "action": "verify",
        "protected": ["VICTIM_OF_BORROWED_IDENTITY"],
        "evidence": '{"name":"NGUYEN THI SECRET"}',
        "status": "new",
    }
    schema = case_table(name).schema
    return pl.DataFrame([{k: v for k, v in row.items() if k in schema}], schema=schema)


def registry(name: str, *, empty: bool = False) -> RegistryResult:
    duplicates = [
        {
            "case_id": f"d{n}",
            "group_id": "g",
            "record_id": f"SIM-000{n}",
            "keep": n == 1,
            "reasons": ["HELD_BY_ONE_PERSON"],
            "confidence": 0.9,
        }
        for n in (1, 2)
    ]
    corrections = [
        {"field": "address", "kind": "outdated", "current": "12 Hidden St", "proposed": "29-12"}
    ]
    table = case_table(name)
    lists = {
        "records": RECORDS.empty() if empty else records(name),
        table.name: table.empty() if empty else cases(name),
        "duplicates": pl.DataFrame([] if empty else duplicates, schema=DUPLICATES.schema),
        "corrections": pl.DataFrame([] if empty else corrections, schema=CORRECTIONS.schema),
        "review": REVIEW.empty(),
        "rejects": REJECTS.empty(),
    }
    return RegistryResult(name, lists)


def entry(*, empty: bool = False) -> dict[str, Any]:
    nothing = {"entries": 0, "per_10k": None, "low": None, "high": None}
    wrong = nothing if empty else {"entries": 1, "per_10k": 12.5, "low": 1.25, "high": 31}
    return {
        "source": {
            "path": "/data/agency/sims.csv",
            "format": "csv",
            "encoding": "utf-8-sig",
            "rows": 0 if empty else 2,
            "rejected": 0,
            "as_of": "2026-09-15",
            "content_hash": "abcdef0123456789abcdef",
        },
        "dispositions": {} if empty else {"linked": 1, "review": 1},
        "linking": {"subjects": 2, "settled_exactly": 1, "candidates": 3},
        "columns": {
            "full_name": {"filled": 0 if empty else 2, "unreadable": 0, "issues": {}},
            "phone": {"filled": 0 if empty else 2, "unreadable": 0, "issues": {"LEGACY_PREFIX": 1}},
        },
        "expected_wrong_links": wrong,
        "expected_wrongful_cases": {"duplicates": wrong},
    }


def run(*, empty: bool = False, **manifest: Any) -> RunResult:
    names = ("sim", "vehicle")
    content = {
        "schema_version": "1",
        "job": "sample",
        "purpose": "try it out",
        "reference_date": "2026-10-01",
        "started": "2026-10-02T03:04:05+00:00",
        "finished": "2026-10-02T03:04:15+00:00",
        "versions": {"splink": "5.0.0"},
        "config": {"sha256": "feedfacecafebeef"},
        "population": {"path": "pop.parquet", "format": "parquet", "rows": 20000, "people": 20000},
        "registries": {name: entry(empty=empty) for name in names},
        "steps": [
            {"registry": "population", "step": "read", "rows_in": 20000, "seconds": 0.5},
            {"registry": "sim", "step": "read", "rows_in": 2, "rows_out": 2, "seconds": 0.25},
        ],
    }
    registries = {name: registry(name, empty=empty) for name in names}
    return RunResult(registries, POPULATION_ISSUES.empty(), {**content, **manifest})


@pytest.fixture(scope="module")
def html() -> str:
    return render(run())


def text_of(html: str) -> str:
    return re.sub(r"[ \n]+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


class Outline(HTMLParser):
    """Tags that are open, and attributes seen."""

    VOID = ("meta", "br", "img", "link")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_holds_no_value_of_a_record(html: str) -> None:
    assert [value for value in PERSONAL if value in html] == []


def test_is_well_formed(html: str) -> None:
    outline = Outline()
    outline.feed(html)
    assert outline.open == []


def test_fetches_and_runs_nothing(html: str) -> None:
    outline = Outline()
    outline.feed(html)
    assert outline.seen.isdisjoint({"script", "link", "iframe", "img", "object", "form", "a"})
    assert outline.attributes.isdisjoint({"src", "href", "action", "onload", "onclick"})
    assert "url(" not in html
    assert "@import" not in html


def test_browser_is_told_to_fetch_nothing(html: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def test_says_what_was_run_and_why(html: str) -> None:
    text = text_of(html)
    for said in ("sample", "try it out", "2026-10-01", "2026-10-02 03:04:15 UTC", "feedfacecafe"):
        assert said in text


@pytest.mark.parametrize(
    "row",
    [
        "sim 2 1 1 0 0 0",  # dispositions
        "LOW_MARGIN the next person is too close to the best 1 1",
        "FIELD_DIFF the number is in the register, name or birth date differ 1 1",
        "full_name 1 1",  # differing fields
        "SITE_RULE declared in the configuration 1 1",
        "sim medium verify 1 1",
        "sim HELD_BY_ONE_PERSON one person holds more records than the registry's law allows 1 2 1",
        "address outdated was right once 1 1",
        "sim phone 2 100.0\u00a0% 0 0.0\u00a0% LEGACY_PREFIX (1)",
        "sim links 1 12.50 1.25 to 31.00",
        "sim sims.csv csv utf-8-sig 2026-09-15 2 0 abcdef012345",
        "population read 20,000 – – 0.50 –",
        "sim 2 1 3",  # linking
    ],
)
def test_tables_hold_the_counts(html: str, row: str) -> None:
    assert row in text_of(html)


def test_text_of_the_job_is_escaped() -> None:
    html = render(run(job="<script>alert(1)</script>", purpose="a & b <i>"))
    assert "<script" not in html
    assert "a &amp; b &lt;i&gt;" in html


def test_a_run_without_rows_has_a_report_too() -> None:
    text = text_of(render(run(empty=True)))
    assert "0 rows read" in text
    assert "None." in text


def test_a_frame_handed_over_has_no_file() -> None:
    source = {"path": None, "format": "frame", "rows": 5}
    assert "handed over as a frame" in render(run(population=source))
