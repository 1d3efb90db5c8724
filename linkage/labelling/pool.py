"""The pairs that people could be asked about: each record with its best candidate, in strata."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType
from typing import Final, Self

import polars as pl

from linkage.columns import INDEX, part
from linkage.decide import DecisionInput, decide, decisions_of
from linkage.link import LinkTables
from linkage.link.model import FieldComparison, Model
from linkage.link.posterior import estimate_shares
from linkage.link.told import DECIDED_BY
from linkage.population import PEOPLE, PEOPLE_FEATURES
from linkage.session import Session

EDGES: Final = (0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999)
"""Where one band of probabilities ends and the next begins."""
MOST_PATTERNS: Final = 6
"""Patterns of agreement told apart in a band; the rarer ones are one stratum together."""


@dataclass(repr=False)
class Pool:
    """Every record of a registry that has a candidate, with the best one.

    Attributes:
        registry: which one.
        pairs: ``idx, candidate`` (indices), ``record_id, person_id, link_status, decided_by,
            match_weight, match_probability, pair_probability, runner_up_margin, band, pattern,
            stratum``.
        session: the job at work, for the values of the pairs drawn.
    """

    registry: str
    pairs: pl.DataFrame
    session: Session

    def __repr__(self) -> str:
        """Counts only."""
        strata = self.pairs["stratum"].n_unique()
        return f"<Pool {self.registry}: {self.pairs.height:,} pairs in {strata} strata>"

    def __enter__(self) -> Self:
        """Keep the tables until the values are read."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.session.engine.drop(*_tables(self.registry).all)

    @property
    def strata(self) -> pl.DataFrame:
        """``stratum, band, pattern, size, probability`` (the mean), in order."""
        return (
            self.pairs.group_by("stratum")
            .agg(
                pl.col("band", "pattern").first(),
                size=pl.len(),
                probability=pl.col("match_probability").mean(),
            )
            .sort("stratum")
        )

    def values(self, chosen: pl.DataFrame) -> pl.DataFrame:
        """What both sides of some pairs say, as their sources write it.

        Args:
            chosen: some rows of ``pairs``.

        Returns:
            ``idx`` and for each field compared ``<field>_record`` and ``<field>_candidate``.
        """
        session, tables = self.session, _tables(self.registry)
        pairing = session.pairing(session.job.registries[self.registry])
        shown = pairing.only(session.job.config.registries[self.registry].columns)
        fields = "".join(
            f', r."{part(own, "raw")}"::VARCHAR AS "{own}_record",'
            f' p."{field}"::VARCHAR AS "{own}_candidate"'
            for field, own in shown.own.items()
            if field in shown.compared
        )
        session.engine.put("__chosen", chosen.select(INDEX, "candidate"))
        found = session.engine.frame(
            f"SELECT c.{INDEX}{fields} FROM __chosen c"
            f' JOIN "{tables.cleaned}" r ON r.idx = c.{INDEX} JOIN {PEOPLE} p ON p.idx = c.candidate'
        )
        session.engine.drop("__chosen")
        return found


def pool_of(session: Session, name: str) -> Pool:
    """Link a registry as a run does and sort its best pairs into strata.

    A stratum is a band of probability and a pattern of agreement: per field ``=`` (agrees), ``~``
    (nearly), ``x`` (differs) or ``.`` (nothing to compare).

    Args:
        session: the job at work.
        name: a registry of the job.
    """
    declaration = session.job.registries[name]
    tables, pairing = _tables(name), session.pairing(declaration)
    model = session.model(name, pairing)
    cleaned = session.clean(name, session.read(name).rows)
    session.link(name, cleaned, tables, pairing, model)
    limits = declaration.link.thresholds
    shares = estimate_shares(session.engine, tables)
    given = DecisionInput(model, pairing, limits, PEOPLE_FEATURES, shares)
    decide(session.engine, given, tables)
    # Feedback has answered already: its refused pairs are no candidates, its links no question.
    decisions = decisions_of(session.engine, tables).filter(pl.col("decided_by") != DECIDED_BY)
    best = session.engine.frame(
        f"SELECT idx_l AS {INDEX}, idx_r AS best, alone AS pair_probability,"
        f" {_pattern(model)} AS pattern"
        f' FROM "{tables.ranked}" WHERE rank = 1'
    )
    people = session.population.keys(session.engine)
    pairs = (
        decisions.filter(pl.col("link_status") != "not_applicable")
        .join(best, on=INDEX, how="left", maintain_order="left")
        .with_columns(candidate=pl.coalesce("best", "person"))
        .filter(pl.col("candidate").is_not_null() & pl.col("match_probability").is_not_null())
        .join(cleaned.select(INDEX, "record_id"), on=INDEX, how="left", maintain_order="left")
    )
    pairs = pairs.select(
        INDEX, "candidate", "record_id",
        people.gather(pairs["candidate"]).alias("person_id"),
        "link_status", "decided_by", "match_weight", "match_probability",
        "pair_probability", pl.col("runner_up_margin").cast(pl.Float64),
        pattern=pl.coalesce("pattern", "decided_by"),
    )  # fmt: skip
    return Pool(name, in_strata(pairs), session)


def in_strata(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add ``band`` and ``stratum`` to pairs with a ``match_probability`` and a ``pattern``.

    Example:
        >>> two = pl.DataFrame({"match_probability": [0.3, 0.995], "pattern": ["=x", "=="]})
        >>> in_strata(two)["band"].to_list()
        ['0.2-0.5', '0.99-0.999']
    """
    ends = ["0", *(f"{edge:g}" for edge in EDGES), "1"]
    labels = [f"{low}-{high}" for low, high in pairwise(ends)]
    place = pl.sum_horizontal(
        (pl.col("match_probability") >= edge).cast(pl.Int32) for edge in EDGES
    )
    banded = pairs.with_columns(place.alias("__place")).with_columns(
        band=pl.col("__place").replace_strict(dict(enumerate(labels)), return_dtype=pl.String)
    )
    common = (
        banded.group_by("__place", "pattern")
        .len()
        .sort("len", "pattern", descending=[True, False])
        .group_by("__place", maintain_order=True)
        .head(MOST_PATTERNS)
        .select("__place", "pattern", common=pl.lit(value=True))
    )
    told = banded.join(common, on=["__place", "pattern"], how="left", maintain_order="left")
    kept = pl.when(pl.col("common").is_not_null()).then("pattern").otherwise(pl.lit("other"))
    named = told.with_columns(pattern=kept).drop("common")
    return named.with_columns(
        stratum=pl.struct("__place", "pattern").rank("dense").cast(pl.Int64)
    ).drop("__place")


def _tables(name: str) -> LinkTables:
    return LinkTables(f"label_{name}")


def _pattern(model: Model) -> str:
    """SQL of the pattern of agreement, one sign per field."""
    signs = [_sign(compared) for compared in model.comparisons if compared.first]
    return " || ".join(signs) or "''"


def _sign(compared: FieldComparison) -> str:
    gamma = f'"gamma_{compared.name}"'
    agreeing = [label for label in compared.comparison.agrees if label in compared.labels]
    agrees = [str(compared.gamma(label)) for label in agreeing or [compared.best.label]]
    return (
        f"(CASE WHEN coalesce({gamma}, -1) = -1 THEN '.' WHEN {gamma} IN ({', '.join(agrees)})"
        f" THEN '=' WHEN {gamma} = 0 THEN 'x' ELSE '~' END)"
    )
