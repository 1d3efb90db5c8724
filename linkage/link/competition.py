"""Competition between records for one person, where the registry's law makes it a competition.

Who has a licence already has hardly a second one under another number; so a record that fits two
namesakes equally well is rather his who has none. That is solved over the whole registry, not record
by record in some order: records in doubt and the people whom they may be of form a graph, and belief
propagation over it gives each pair the weight that the claims of all other records leave to it. It is
exact where the graph has no cycles, and settles on the same figures whatever the order of the rows.

A further record is unlikely, not impossible: its odds are those that the registry's own sure links
show. Records that stand under one number (two cards of one licence) are no rivals but one holding.
Extras stay linked; they are flagged as duplicates, never unlinked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.posterior import Shares, rank_candidates
from linkage.link.tables import LinkTables
from linkage.population import REGISTER_FEATURES

SURE: Final = 0.999
"""Probability from which a link counts as certain: it takes its person, and is not in doubt itself."""
SAME_HOLDING: Final = 10.0
"""Bits for standing under one number with a sure record of the person: less than the number says."""
_HELD: Final = "__held"
_ASKED: Final = "__asked_of"
_ROUNDS: Final = 200
_SETTLED: Final = 1e-6
_LARGEST: Final = 300.0
"""Logarithms are cut here, so that nothing overflows."""
_DAMPING: Final = 0.5

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Claims:
    """Pairs of a record in doubt and a person, as arrays of one length.

    Attributes:
        record: number of the record, from 0.
        person: number of the person, from 0.
        odds: odds of the pair against the holder being nobody in the register.
        taken: whether the person's lawful holdings are sure records' already.
        holding: number of the record's holding, from 0.
        own: whether the record's holding is the person's already: one record more of it is free.
    """

    record: Ints
    person: Ints
    odds: Floats
    taken: npt.NDArray[np.bool_]
    holding: Ints
    own: npt.NDArray[np.bool_]


def compete(
    engine: DuckDBEngine,
    tables: LinkTables,
    shares: Shares,
    *,
    lawful: int | None,
    holding: str | None,
) -> int:
    """Let records in doubt compete for people, and rank their candidates anew.

    Args:
        engine: where the tables are; ``tables.ranked`` is read and made again.
        tables: names of the registry's tables.
        shares: share of holders in the register, by group of the number.
        lawful: holdings that a person may have; None for any number, and no competition. Above one,
            only people whose sure records reach it are taken.
        holding: column of the cleaned registry whose distinct values are the holdings; None where
            each record is one.

    Returns:
        Number of pairs whose weight the competition changed.
    """
    if lawful is None:
        return 0
    changed = rivalry(engine, tables, lawful=lawful, holding=holding)
    engine.put(tables.rivalry, changed)
    if changed.height:
        rank_candidates(engine, tables, shares, rivalry=True)
    return changed.height


def rivalry(
    engine: DuckDBEngine, tables: LinkTables, *, lawful: int, holding: str | None
) -> pl.DataFrame:
    """What the competition adds to the weights of pairs in doubt.

    Args:
        engine: where the tables are.
        tables: names; ``ranked`` (by the candidates' own weights), ``settled`` and ``cleaned`` are
            read.
        lawful: holdings that a person may have.
        holding: see :func:`compete`.

    Returns:
        ``idx_l, idx_r, bits`` of the pairs whose weight it changes.
    """
    doubtful = engine.frame(_doubtful(tables, holding))
    if doubtful.height == 0:
        return doubtful.select("idx_l", "idx_r", bits=pl.col("odds"))
    # What all people hold stays in the engine: of millions, only those in question are looked at here.
    engine.run(f"CREATE OR REPLACE TEMP TABLE {_HELD} AS {_held(tables, holding)}")
    further = _odds_of_a_further_one(engine, lawful)
    engine.put(_ASKED, doubtful.select("idx_r").unique())
    held = engine.frame(f"FROM {_HELD} SEMI JOIN {_ASKED} USING (idx_r)")
    engine.drop(_HELD, _ASKED)
    bits = doubtful.with_columns(
        bits=pl.Series(_bits(doubtful, held, further, lawful), dtype=pl.Float64)
    )
    return bits.filter(pl.col("bits").abs() > 1e-3).select("idx_l", "idx_r", "bits")


def _doubtful(tables: LinkTables, holding: str | None) -> str:
    """Candidates of the records that are not sure, with their odds and the record's holding."""
    return f"""
        SELECT c.idx_l, c.idx_r, c.odds, {_holding(holding)} AS holding
        FROM "{tables.ranked}" c JOIN "{tables.cleaned}" r ON r.idx = c.idx_l
        WHERE c.idx_l IN (
            SELECT idx_l FROM "{tables.ranked}" WHERE rank = 1 AND probability < {SURE}
        ) ORDER BY c.idx_l, c.idx_r
    """


def _held(tables: LinkTables, holding: str | None) -> str:
    """Distinct holdings of people by sure links: ``idx_r, holding``."""
    return f"""
        SELECT DISTINCT s.idx_r, {_holding(holding)} AS holding FROM (
            SELECT idx_l, idx_r FROM "{tables.settled}" UNION ALL
            SELECT idx_l, idx_r FROM "{tables.ranked}" WHERE rank = 1 AND probability >= {SURE}
        ) s JOIN "{tables.cleaned}" r ON r.idx = s.idx_l
    """


def _holding(column: str | None) -> str:
    """The record's holding; a record whose number cannot be read is one of its own."""
    own = "'row:' || r.idx"
    return f'coalesce(r."{column}"::VARCHAR, {own})' if column else own


def _odds_of_a_further_one(engine: DuckDBEngine, lawful: int) -> float:
    """How much rarer a record is for one who has his lawful holdings than for one who has none.

    P(one more | has them) / (P(has one) / P(has none)), from the sure links, with one case more
    than was seen: what never happened may still.
    """
    people = engine.number(f"SELECT count(*) FROM {REGISTER_FEATURES}")
    per_person = f"SELECT count(*) AS n FROM {_HELD} GROUP BY idx_r"
    counts = f"SELECT count(*) AS holders, count(*) FILTER (n > {lawful}) AS excess"
    held: tuple[int, int] = engine.frame(f"{counts} FROM ({per_person})").row(0)
    holders, excess = held
    share = min((holders + 1) / (people + 2), 0.99)
    rate = (excess + 1) / (holders + 50)
    return float(min(rate * (1 - share) / share, 1.0))


def _bits(doubtful: pl.DataFrame, held: pl.DataFrame, further: float, lawful: int) -> Floats:
    """What the competition adds to each doubtful pair's weight."""
    own = held.with_columns(is_own=pl.lit(value=True))
    full = (
        held.group_by("idx_r").len().filter(pl.col("len") >= lawful)
        .select("idx_r", taken=pl.lit(value=True))
    )  # fmt: skip
    known = (
        doubtful.join(own, on=["idx_r", "holding"], how="left", maintain_order="left")
        .join(full, on="idx_r", how="left", maintain_order="left")
        .with_columns(pl.col("is_own", "taken").fill_null(value=False))
    )
    is_own = known["is_own"].to_numpy()
    boost = np.where(is_own, np.exp2(SAME_HOLDING), 1.0)
    claims = Claims(
        record=_numbered(known["idx_l"]),
        person=_numbered(known["idx_r"]),
        odds=known["odds"].to_numpy() * boost,
        taken=known["taken"].to_numpy() & ~is_own,
        holding=_numbered(known["holding"]),
        own=is_own,
    )
    room = left_over(claims, further) if lawful == 1 else np.where(claims.taken, further, 1.0)
    return np.log2(room * boost)


def _numbered(values: pl.Series) -> Ints:
    """Distinct values as numbers from 0."""
    return values.rank("dense").to_numpy().astype(np.int64) - 1


def left_over(claims: Claims, further: float) -> Floats:
    """What all other claims leave of each pair's odds, by belief propagation.

    Args:
        claims: pairs in doubt; a record's other candidates and the chance that its holder is not in
            the register (odds 1) compete with each pair.
        further: odds of a second holding of one person against a first one, at most 1.

    Returns:
        A factor between ``further`` and 1 for each pair.
    """
    records, people = int(claims.record.max()) + 1, int(claims.person.max()) + 1
    both = np.stack([claims.person, claims.holding])
    held, group = np.unique(both, axis=1, return_inverse=True)  # a person's claims of one holding
    group, owner, groups = group.reshape(-1), held[0], held.shape[1]
    room = np.where(claims.own, 1.0, np.where(claims.taken, further, 1.0))
    for _ in range(_ROUNDS):
        offered = claims.odds * room
        whole = np.bincount(claims.record, offered, records)[claims.record]
        claim = np.log1p(claims.odds / (1 + np.maximum(whole - offered, 0.0)))
        together = np.bincount(group, claim, groups)
        # One more of a holding is free; one more holding has the odds of a further one.
        grown = np.log1p(further * np.expm1(np.minimum(together, _LARGEST)))
        others = (np.bincount(owner, grown, people)[owner] - grown)[group]
        rivals = np.exp(np.clip(others, 0.0, _LARGEST))
        mates = np.exp(np.clip(together[group] - claim, 0.0, _LARGEST))
        free = rivals * mates / (1 + (rivals - 1) / further + (mates - 1) * rivals)
        held_already = further * mates / (1 + further * (mates - 1))
        new = np.where(claims.own, 1.0, np.where(claims.taken, held_already, free))
        if np.abs(new / room - 1).max() < _SETTLED:
            break
        room = _DAMPING * room + (1 - _DAMPING) * new
    return room
