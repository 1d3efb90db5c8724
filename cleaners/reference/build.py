"""Build the ward, district and province tables of ``cleaners/reference`` from a published package.

Source: the wheel of ``vietnamadminunits`` (MIT, Tran Ngoc Minh Hieu), which holds the 63-province
list, the 34-province list and the mapping between their wards. The wheel is read as an archive:
nothing of it is imported, so none of its dependencies is needed and nothing goes online.

Run it once per new release of the package::

    pip download --no-deps --dest wheels vietnamadminunits
    python -m cleaners.reference.build wheels/vietnamadminunits-1.0.4-py3-none-any.whl 2025-10-08

The second argument is the release date, which goes into the header of every file written.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import sys
import zipfile
from pathlib import Path

import polars as pl

TARGET = Path(__file__).parent
EXPECTED = {"old": 10_040, "new": 3_321, "old_with_code": 10_035, "split": 471, "provinces": 34}
OLD = "province,district,ward,provinceCode,districtCode,wardCode,provinceKey,districtKey,wardKey"
NEW = "province,ward,provinceCode,wardCode,provinceKey,wardKey"


def read_table(database: sqlite3.Connection, table: str, columns: str) -> pl.DataFrame:
    """Read some text columns of one table of the package's database."""
    rows = database.execute(f"SELECT {columns} FROM {table}").fetchall()
    schema = dict.fromkeys(columns.split(","), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def read_mapping(converter: dict[str, dict[str, dict[str, list[object]]]]) -> pl.DataFrame:
    """Flatten the converter's two dictionaries to rows: old key, new province key, new ward key."""
    whole = [
        (old, province, ward, False)
        for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items()
        for ward, olds in wards.items()
        for old in olds
    ]
    divided = [
        (old, province, target["newWardKey"], True)
        for province, wards in converter["DICT_PROVINCE_WARD_DIVIDED"].items()
        for old, targets in wards.items()
        for target in targets
        if isinstance(target, dict)
    ]
    names = ["key", "new_province_key", "new_ward_key", "is_split"]
    return pl.DataFrame(whole + divided, schema=names, orient="row")


def join_units(old: pl.DataFrame, new: pl.DataFrame, mapping: pl.DataFrame) -> pl.DataFrame:
    """One row per old ward and new ward, with every code and name."""
    key = pl.concat_str(
        "provinceKey", "districtKey", pl.col("wardKey").fill_null(""), separator="_"
    )
    joined = mapping.join(old.with_columns(key=key), on="key", how="left").join(
        new,
        left_on=["new_province_key", "new_ward_key"],
        right_on=["provinceKey", "wardKey"],
        how="left",
        suffix="_new",
    )
    return joined.sort("provinceCode", "districtCode", "wardCode", "wardCode_new")


def read_aliases(database: sqlite3.Connection, level: str, code: str) -> pl.DataFrame:
    """Earlier and variant names of wards or districts, squashed to ``a-z0-9``: code, alias."""
    rows = database.execute(
        f"SELECT DISTINCT {code}, {level} FROM admin_units_legacy "
        f"WHERE {level} IS NOT NULL AND {code} IS NOT NULL"
    ).fetchall()
    pairs = sorted({(unit, alias) for unit, aliases in rows for alias in json.loads(aliases)})
    return pl.DataFrame(pairs, schema=["code", "alias"], orient="row")


def check(units: pl.DataFrame) -> None:
    """Stop when the package no longer has the counts that the toolkit's documents state."""
    found = {
        "old": units["key"].n_unique(),
        "new": units["wardCode_new"].n_unique(),
        "old_with_code": units["wardCode"].drop_nulls().n_unique(),
        "split": units.filter("is_split")["key"].n_unique(),
        "provinces": units["provinceCode_new"].n_unique(),
    }
    if found != EXPECTED:
        sys.exit(f"expected counts {EXPECTED}, found {found}; check the release, update EXPECTED")


def write(frame: pl.DataFrame, name: str, about: str, source: str) -> None:
    """Write one plain CSV with a commented header."""
    header = f"# {about}\n# source: {source}\n# built by cleaners/reference/build.py\n"
    (TARGET / name).write_text(header + frame.write_csv(), encoding="utf-8")


def main() -> None:
    """Read the wheel named on the command line and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("released", help="release date of the wheel, yyyy-mm-dd")
    arguments = parser.parse_args()
    version = re.search(r"-(\d[^-]*)-", arguments.wheel.name)
    source = (
        f"PyPI vietnamadminunits {version[1] if version else '?'}, released {arguments.released}, "
        "licence MIT, copyright (c) 2025 Tran Ngoc Minh Hieu"
    )
    with zipfile.ZipFile(arguments.wheel) as wheel:
        converter = json.loads(wheel.read("vietnamadminunits/data/converter_2025.json"))
        database = sqlite3.connect(":memory:")
        database.deserialize(wheel.read("vietnamadminunits/data/dataset.db"))
    old = read_table(database, "admin_units_legacy", OLD)
    new = read_table(database, "admin_units", NEW)
    units = join_units(old, new, read_mapping(converter))
    check(units)
    write(
        units.select(
            old_ward_code="wardCode",
            old_ward="ward",
            old_district_code="districtCode",
            new_ward_code="wardCode_new",
        ),
        "wards.csv",
        "wards before 1 July 2025 and the ward or wards they became (island districts: no ward)",
        source,
    )
    write(
        units.select(
            old_district_code="districtCode",
            old_district="district",
            old_province_code="provinceCode",
            old_province="province",
        ).unique(maintain_order=True),
        "districts.csv",
        "districts and provinces before 1 July 2025",
        source,
    )
    write(
        new.select(
            new_ward_code="wardCode",
            new_ward="ward",
            new_province_code="provinceCode",
            new_province="province",
        ).sort("new_ward_code"),
        "new_wards.csv",
        "the 3,321 wards and 34 provinces since 1 July 2025",
        source,
    )
    for level, code in (("ward", "wardCode"), ("district", "districtCode")):
        write(
            read_aliases(database, f"{level}Alias", code),
            f"{level}_aliases.csv",
            f"earlier and variant {level} names (before mergers up to 2025), squashed, by old code",
            source,
        )


if __name__ == "__main__":
    main()
