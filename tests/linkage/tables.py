"""Literal people and records, run through the real cleaners, DuckDB and Splink."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from linkage import RunResult, run
from linkage.config import Job, load_job
from linkage.fields import CleanContext
from linkage.link import LinkResult, LinkTables
from linkage.link.model import Model
from linkage.link.pairing import Pairing
from linkage.session import Session

Row = Mapping[str, Any]

REFERENCE_DATE = "2026-10-01"

PERSON = (
    "person_id", "old_ids", "full_name", "birth_date", "sex", "address", "current_address",
    "death_date", "passport", "household_id", "living_abroad",
)  # fmt: skip
REGISTRY = {
    "sim": (
        "record_id", "phone", "operator", "full_name", "birth_date", "personal_id", "address",
        "activated_on", "sales_point", "contract", "number_status", "document_expires_on", "marked",
        "recycled_on", "last_used_on",
    ),
    "driver_licence": (
        "record_id", "licence_number", "licence_class", "issued_on", "full_name", "birth_date",
        "sex", "personal_id", "address",
    ),
    "health_insurance": (
        "record_id", "insurance_card", "full_name", "birth_date", "sex", "personal_id", "address",
        "valid_from",
    ),
    "vehicle": (
        "record_id", "plate", "chassis", "engine", "kind", "full_name", "personal_id", "tax_code",
        "address", "registered_on",
    ),
}  # fmt: skip
"""Fields that a literal row may name; what it does not name is null."""

PEOPLE: tuple[Row, ...] = (
    {
        "person_id": "001190012345",
        "old_ids": "011987654",
        "full_name": "Nguyễn Thị Lan",
        "birth_date": "1990-03-12",
        "sex": "Nữ",
        "address": "Số 12 phố Hàng Than, phường Ba Đình, Hà Nội",
    },
    {
        "person_id": "079085004321",
        "full_name": "Trần Quốc Bảo",
        "birth_date": "1985-07-29",
        "sex": "Nam",
        "address": "Số 45 đường Lê Lợi, phường Sài Gòn, TP. Hồ Chí Minh",
        "passport": "C1234567",
    },
    {
        "person_id": "048071000777",
        "full_name": "Phạm Ngọc Hải",
        "birth_date": "1971-11-05",
        "sex": "Nam",
        "address": "Số 8 đường Bạch Đằng, phường Hải Châu, Đà Nẵng",
        "death_date": "2024-05-20",
    },
    # Twins under one roof.
    {
        "person_id": "092305000101",
        "full_name": "Lê Thị Hồng Nhung",
        "birth_date": "2005-02-17",
        "sex": "Nữ",
        "address": "Số 3 đường Hòa Bình, phường Ninh Kiều, Cần Thơ",
    },
    {
        "person_id": "092305000102",
        "full_name": "Lê Thị Hồng Nhi",
        "birth_date": "2005-02-17",
        "sex": "Nữ",
        "address": "Số 3 đường Hòa Bình, phường Ninh Kiều, Cần Thơ",
    },
    # Namesakes born on one day, in two provinces.
    {
        "person_id": "031088000201",
        "full_name": "Vũ Văn Minh",
        "birth_date": "1988-09-09",
        "sex": "Nam",
        "address": "Số 21 đường Lạch Tray, phường Gia Viên, Hải Phòng",
    },
    {
        "person_id": "038088000202",
        "full_name": "Vũ Văn Minh",
        "birth_date": "1988-09-09",
        "sex": "Nam",
        "address": "Số 5 đường Trần Phú, phường Hạc Thành, Thanh Hóa",
    },
    {
        "person_id": "056095000303",
        "full_name": "Đặng Thu Phương",
        "birth_date": "1995-01-23",
        "sex": "Nữ",
        "address": "Số 9 đường Yersin, phường Nha Trang, Khánh Hòa",
    },
)  # fmt: skip


def frame(rows: Iterable[Row], columns: Iterable[str]) -> pl.DataFrame:
    """Rows as a frame of text; columns that a row does not name are null."""
    names = tuple(columns)
    listed = list(rows)
    unknown = {name for row in listed for name in row} - set(names)
    assert not unknown, f"no such column: {unknown}"
    return pl.DataFrame(
        [{name: row.get(name) for name in names} for row in listed],
        schema=dict.fromkeys(names, pl.String),
    )


def context() -> CleanContext:
    """What cleaners may know."""
    return CleanContext(dt.date.fromisoformat(REFERENCE_DATE))


def mapping(*registries: str, out: str = "out", **changes: Mapping[str, Any]) -> dict[str, Any]:
    """A job over the registries; ``changes`` are overrides of a registry (``link``, ``rules``)."""
    return {
        "job": "literal",
        "purpose": "a test",
        "reference_date": REFERENCE_DATE,
        "population": {"columns": {name: name for name in PERSON}},
        "registries": {
            name: {"columns": {field: field for field in REGISTRY[name]}, **changes.get(name, {})}
            for name in registries
        },
        "engine": {"threads": 1},
        "output": {"path": out},
    }


def sources(
    records: Mapping[str, Iterable[Row]], people: Iterable[Row] = PEOPLE
) -> dict[str, pl.DataFrame]:
    """Literal people and records as the frames of a job."""
    return {
        "population": frame(people, PERSON),
        **{name: frame(rows, REGISTRY[name]) for name, rows in records.items()},
    }


def run_literal(
    records: Mapping[str, Iterable[Row]],
    people: Iterable[Row] = PEOPLE,
    **changes: Mapping[str, Any],
) -> RunResult:
    """Run literal records against literal people, in memory."""
    job = mapping(*records, **changes)
    return run(job, sources=sources(records, people), write=False)


def job(*registries: str, **changes: Mapping[str, Any]) -> Job:
    """A checked job over the registries."""
    return load_job(mapping(*registries, **changes))


def session(
    records: Mapping[str, Iterable[Row]],
    people: Iterable[Row] = PEOPLE,
    **changes: Mapping[str, Any],
) -> Session:
    """A session over literal people; to be entered."""
    return Session(job(*records, **changes), sources(records, people))


def rows_by(table: pl.DataFrame, key: str = "record_id") -> dict[str, dict[str, Any]]:
    """Rows of a list by their key, which must not repeat."""
    rows = table.to_dicts()
    found = {row[key]: row for row in rows}
    assert len(found) == len(rows), f"{key} repeats"
    return found


@dataclass(frozen=True)
class Rules:
    """Exact and blocking rules, in place of a declaration's."""

    exact: tuple[tuple[str, ...], ...] = ()
    block: tuple[tuple[str, ...], ...] = ()
    adapt: bool = False


@dataclass(frozen=True)
class Linked:
    """A registry after linking: its tables are still in the engine."""

    session: Session
    tables: LinkTables
    pairing: Pairing
    model: Model
    result: LinkResult
    records: tuple[str, ...]
    people: tuple[str, ...]

    def table(self, name: str) -> pl.DataFrame:
        """One of the registry's tables, with the keys of record and person."""
        found = self.session.engine.frame(f'SELECT * FROM "{getattr(self.tables, name)}"')
        return found.with_columns(
            record=pl.Series(self.records).gather(found["idx_l"]),
            person=pl.Series(self.people).gather(found["idx_r"]),
        )


def link(
    open_session: Session, records: Iterable[Row], rules: Rules, *, tables: str = "sim"
) -> Linked:
    """Link literal SIMs in an open session by the rules, into tables of that name."""
    name = "sim"
    raw = frame(records, REGISTRY[name]).with_row_index("row", 1)
    cleaned = open_session.clean(name, raw.with_columns(pl.col("row").cast(pl.Int64)))
    named = LinkTables(tables)
    pairing = open_session.pairing(open_session.job.registries[name])
    model = open_session.model(name, pairing)
    result = open_session.link(name, cleaned, named, pairing, model, rules=rules)
    people = open_session.population.keys(open_session.engine)
    return Linked(
        open_session, named, pairing, model, result, tuple(raw["record_id"]), tuple(people)
    )
