"""Realistic values for the benchmark of the cleaners: what the generated registries hold, as text.

Everything is synthetic. The values of one kind come from every registry that has such a column, with
the generator's errors, in the spelling of each registry; blank cells are left out.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl

from cleaners import encodings

SEED = 99
#: Kind to (registry, column), in the registries that hold it.
COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "name": (
        ("driver_licences", "ho_va_ten"),
        ("health_insurance", "Họ và tên"),
        ("vehicles", "CHU_XE"),
        ("sims", "ho_ten"),
    ),
    "birth_date": (
        ("driver_licences", "ngay_sinh"),
        ("health_insurance", "Ngày sinh"),
        ("sims", "ngay_sinh"),
    ),
    "date": (
        ("driver_licences", "ngay_cap"),
        ("vehicles", "NGAY_DANG_KY"),
        ("sims", "ngay_kich_hoat"),
    ),
    "personal_id": (
        ("driver_licences", "so_cccd_cmnd"),
        ("health_insurance", "Số CCCD"),
        ("vehicles", "SO_GIAY_TO_CHU_XE"),
        ("sims", "so_giay_to"),
    ),
    "phone": (("sims", "so_thue_bao"),),
    "address": (
        ("driver_licences", "noi_cu_tru"),
        ("health_insurance", "Địa chỉ"),
        ("vehicles", "DIA_CHI_CHU_XE"),
        ("sims", "dia_chi"),
    ),
    "sex": (("driver_licences", "gioi_tinh"), ("health_insurance", "Giới tính")),
    "licence_number": (("driver_licences", "so_gplx"),),
    "insurance_number": (("health_insurance", "Mã số BHXH"),),
    "insurance_card": (("health_insurance", "Số thẻ BHYT"),),
    "plate": (("vehicles", "BIEN_SO"),),
    "chassis": (("vehicles", "SO_KHUNG"),),
    "tax_code": (("vehicles", "MA_SO_THUE"),),
}


def _registry(folder: Path, name: str) -> pl.DataFrame:
    """One generated registry, every column as text."""
    if name == "health_insurance":
        return pl.read_parquet(folder / f"{name}.parquet").cast(pl.String)
    encoding = {"driver_licences": "tcvn3", "sims": "utf-8-sig"}.get(name, "utf-8")
    text = encodings.decode((folder / f"{name}.csv").read_bytes(), encoding)
    separator = ";" if name == "sims" else ","
    return pl.read_csv(io.BytesIO(text.encode()), separator=separator, infer_schema=False)


def _mixed(columns: list[pl.Series], count: int) -> pl.Series:
    """At most ``count`` values that are not blank, from all columns alike."""
    values = pl.concat([series.alias("raw") for series in columns]).drop_nulls()
    values = values.filter(values.str.strip_chars() != "")
    if len(values) < count // 10:
        # Too few to time (tax codes): repeated, which the table's share of distinct values shows.
        values = pl.concat([values] * (count // len(values) + 1))
    return values.sample(min(count, len(values)), shuffle=True, seed=SEED)


def prepare(folder: Path, count: int) -> Path:
    """Make a file of values for each kind, unless they are there; return their folder.

    Args:
        folder: where generated data are kept.
        count: values of a kind. As many people are generated, which gives so many SIMs; some
            kinds (plates, licences, cards) are rarer and stay below.
    """
    kept = folder / f"values-{count}-{SEED}"
    if kept.exists():
        return kept
    made = folder / f"values-{count}-{SEED}.part"
    made.mkdir(parents=True, exist_ok=True)
    raw = made / "sample_data"
    options = ["--people", str(max(count, 1000)), "--seed", str(SEED)]
    subprocess.run([sys.executable, "-m", "linkage", "sample", str(raw), *options], check=True)
    for kind, sources in COLUMNS.items():
        columns = [_registry(raw, name)[column] for name, column in sources]
        _mixed(columns, count).to_frame().write_parquet(made / f"{kind}.parquet")
    shutil.rmtree(raw)
    made.rename(kept)
    return kept


def load(folder: Path, kind: str) -> pl.DataFrame:
    """The values of one kind as the single column ``raw``."""
    return pl.read_parquet(folder / f"{kind}.parquet")
