"""Reads generated files back, as a job would; one small run serves all tests."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cleaners import encodings

ROOT = Path(__file__).resolve().parents[2]
if (
    str(ROOT) not in sys.path
):  # the generator is a folder of the repository, not an installed package
    sys.path.insert(0, str(ROOT))

from sample_data.generate import generate  # noqa: E402

IDENTITY = {
    "driver_licence": ("so_cccd_cmnd", "ho_va_ten", "ngay_sinh"),
    "health_insurance": ("Số CCCD", "Họ và tên", "Ngày sinh"),
    "sim": ("so_giay_to", "ho_ten", "ngay_sinh"),
}


@dataclass(frozen=True)
class Sample:
    """A generated folder, read."""

    directory: Path
    population: pl.DataFrame
    records: dict[str, pl.DataFrame]
    truth: dict[str, pl.DataFrame]

    def joined(self, registry: str) -> pl.DataFrame:
        """Records beside their truth, row by row."""
        return pl.concat([self.records[registry], self.truth[registry]], how="horizontal")

    def found(self, registry: str) -> pl.DataFrame:
        """Records with number, name (lower case), birth (ISO) and the person of that number."""
        number, name, birth = IDENTITY[registry]
        text = pl.col(birth)
        iso = pl.concat_str(
            text.str.slice(6, 4), text.str.slice(3, 2), text.str.slice(0, 2), separator="-"
        )
        said = self.joined(registry).select(
            pl.col(number).alias("number"),
            _old_style(pl.col(name)).alias("name"),
            pl.when(text.str.len_chars() == 4).then(text).otherwise(iso).alias("birth"),
            *("kind", "errors", "person_id", "reasons"),
        )
        people = self.population.select(
            pl.col("so_dinh_danh").alias("number"),
            _old_style(pl.col("ho_ten")).alias("person_name"),
            pl.col("ngay_sinh").alias("person_birth"),
        )
        return said.join(people, on="number", how="left", maintain_order="left")

    def passes(self, registry: str) -> pl.Series:
        """Whether each record passes the exact lookup by number, name and birth date."""
        same = (pl.col("name") == pl.col("person_name")) & (
            pl.col("birth") == pl.col("person_birth")
        )
        return self.found(registry).select(same.fill_null(value=False)).to_series()


def _old_style(name: pl.Expr) -> pl.Expr:
    new = ["oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ"]
    old = ["òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy"]
    return name.str.to_lowercase().str.replace_many(new, old)


def read(directory: Path) -> Sample:
    """All files of a generated folder."""
    licences = encodings.decode((directory / "driver_licences.csv").read_bytes(), "tcvn3")
    sims = (directory / "sims.csv").read_bytes().decode("utf-8-sig").encode()
    records = {
        "driver_licence": pl.read_csv(licences.encode(), infer_schema=False),
        "health_insurance": pl.read_parquet(directory / "health_insurance.parquet"),
        "vehicle": pl.read_csv(directory / "vehicles.csv", infer_schema=False),
        "sim": pl.read_csv(sims, separator=";", infer_schema=False),
    }
    truth = {name: pl.read_parquet(directory / f"truth/{name}.parquet") for name in records}
    return Sample(directory, pl.read_parquet(directory / "population.parquet"), records, truth)


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Sample]:
    """Generate into a fresh folder and read it back."""

    def run(people: int = 2000, seed: int = 7, **options: Any) -> Sample:
        directory = tmp_path_factory.mktemp("sample")
        generate(directory, people, seed, **options)
        return read(directory)

    return run


@pytest.fixture(scope="session")
def small(make: Callable[..., Sample]) -> Sample:
    """2,000 people."""
    return make()


@pytest.fixture(scope="session")
def near(make: Callable[..., Sample]) -> Sample:
    """20,000 people of profile ``near``, as dense as in life."""
    return make(people=20_000, seed=11, communes=2, profile="near")


@pytest.fixture(scope="session")
def dense(make: Callable[..., Sample]) -> Sample:
    """As many people as ``near`` in as many communes, but as in life."""
    return make(people=20_000, seed=11, communes=2)


@pytest.fixture(scope="session")
def committed() -> Sample:
    """The sample of the repository."""
    return read(ROOT / "sample_data")
