"""Small tables of facts that travel with the package; source and date are in each file's header.

Codes are zero-padded strings: province 2, district 3, ward 5 characters. A code means nothing
without its edition: seven provinces and nearly all wards of 2025 took over codes that meant
something else before (``old_*`` columns: before 1 July 2025, ``new_*``: since).

>>> from cleaners import reference
>>> reference.provinces().filter(pl.col("name") == "Hà Giang")["new_code"].item()
'08'
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Literal

import polars as pl

__all__ = ["aliases", "new_wards", "provinces", "successors", "wards"]


def _read(name: str) -> pl.DataFrame:
    """Read one packaged table; every column is text, an empty cell is null."""
    data = resources.files(__package__).joinpath(name).read_bytes()
    return pl.read_csv(data, comment_prefix="#", infer_schema=False)


@lru_cache(maxsize=1)
def wards() -> pl.DataFrame:
    """Wards before July 2025 and the ward or wards that they became.

    Returns:
        10,602 rows, one per old ward and new ward: old_province_code, old_province,
        old_district_code, old_district, old_ward_code, old_ward, is_split, new_ward_code,
        new_ward, new_province_code, new_province. Names carry their type words ("Phường Phúc Xá").
        Five island districts had no wards: there old_ward_code and old_ward are null.

    >>> wards().filter(pl.col("old_ward") == "Phường Phúc Xá")["new_ward"].item()
    'Phường Hồng Hà'
    """
    is_split = pl.len().over("old_district_code", "old_ward_code") > 1
    return (
        _read("wards.csv")
        .with_columns(is_split=is_split)
        .join(_read("districts.csv"), on="old_district_code", how="left", maintain_order="left")
        .join(new_wards(), on="new_ward_code", how="left", maintain_order="left")
        .select(
            *("old_province_code", "old_province", "old_district_code", "old_district"),
            *("old_ward_code", "old_ward", "is_split"),
            *("new_ward_code", "new_ward", "new_province_code", "new_province"),
        )
    )


@lru_cache(maxsize=1)
def new_wards() -> pl.DataFrame:
    """The 3,321 wards since July 2025: new_ward_code, new_ward, new_province_code, new_province."""
    return _read("new_wards.csv")


@lru_cache(maxsize=1)
def successors() -> pl.DataFrame:
    """What became of every ward in July 2025.

    Returns:
        10,035 rows: old_ward_code (before July 2025), new_ward_codes (List(String) of the codes
        since, sorted; several where the ward was split), is_split.

    >>> successors().filter(pl.col("old_ward_code") == "00454")["new_ward_codes"].to_list()
    [['00454', '00466', '00475']]
    """
    wards_ = _read("wards.csv").drop_nulls("old_ward_code")
    return (
        wards_.group_by("old_ward_code", maintain_order=True)
        .agg(new_ward_codes=pl.col("new_ward_code").unique().sort())
        .with_columns(is_split=pl.col("new_ward_codes").list.len() > 1)
    )


@lru_cache(maxsize=2)
def aliases(level: Literal["ward", "district"]) -> pl.DataFrame:
    """Earlier and variant names of old wards or districts: code, alias (squashed ``a-z0-9``)."""
    return _read(f"{level}_aliases.csv")


@lru_cache(maxsize=1)
def provinces() -> pl.DataFrame:
    """The 63 provinces before July 2025.

    Returns:
        ppp (first three digits of a personal number), old_code (statistics code of the time),
        name (without type word), plates (list of two-digit plate series), new_code (code of the
        province that it belongs to since July 2025).
    """
    return _read("provinces.csv").with_columns(pl.col("plates").str.split(" "))
