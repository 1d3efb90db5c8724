"""Thresholds of a decision, and the one for links that is in force where few would be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.tables import LinkTables


class Thresholds(Protocol):
    """Limits of a decision; see the declaration of a registry."""

    @property
    def link(self) -> float:
        """Least probability of a link."""

    @property
    def review(self) -> float:
        """Least probability at which a person should look."""

    @property
    def margin(self) -> float:
        """Least lead over the next person, in match-weight units (bits)."""

    @property
    def link_down_to(self) -> float | None:
        """Less sure records are linked down to this probability; None for none."""

    @property
    def max_wrong_per_10k(self) -> float:
        """As long as no more of all links are expected to be wrong."""


def link_threshold(engine: DuckDBEngine, limits: Thresholds, tables: LinkTables) -> float:
    """The least probability of a link: ``link``, or less where few links would be wrong.

    What a threshold lets pass hangs on the registry: of a well-kept one hardly any record lies between
    0.9 and 0.98, of a large one without birth dates one in ten. So less sure records are linked from
    the surest down, for as long as those expected to be wrong stay within ``max_wrong_per_10k`` of all.

    Args:
        engine: where the tables are.
        limits: thresholds of the registry.
        tables: names; ``ranked``, ``settled``, ``borrowed`` and ``facts`` are read.
    """
    if limits.link_down_to is None:
        return limits.link
    found = engine.frame(f"""
        WITH linked AS (
            SELECT probability FROM "{tables.ranked}" c
            JOIN "{tables.facts}" f ON f.idx = c.idx_l
            WHERE rank = 1 AND probability >= {limits.link_down_to}
            AND f.subject_type <> 'organisation' AND coalesce(margin >= {limits.margin}, true)
            AND idx_l NOT IN (SELECT idx FROM "{tables.borrowed}")
        ), summed AS (
            SELECT probability, sum(1 - probability) OVER surest AS wrong, count(*) OVER surest
                + (SELECT count(*) FROM "{tables.settled}") AS links
            FROM linked WINDOW surest AS (ORDER BY probability DESC)
        )
        SELECT min(probability) FILTER (10000 * wrong <= {limits.max_wrong_per_10k} * links) AS least,
            min(probability) AS last FROM summed
    """).row(0, named=True)
    if found["least"] == found["last"]:  # all of them may pass; or there are none
        return min(limits.link, limits.link_down_to)
    return min(limits.link, 1.0 if found["least"] is None else float(found["least"]))


@dataclass(frozen=True)
class _Limits:
    link: float
    review: float
    margin: float
    link_down_to: float | None = None
    max_wrong_per_10k: float = 0.0


def of_one_record(limits: Thresholds) -> Thresholds:
    """The same limits for a record alone, for which :func:`link_threshold` need not look at it.

    Of one link alone, as many are expected to be wrong as it is likely to be: it passes from
    ``link_down_to`` on if that is within ``max_wrong_per_10k``.
    """
    link = limits.link
    if limits.link_down_to is not None:
        link = min(link, max(limits.link_down_to, 1 - limits.max_wrong_per_10k / 10_000))
    return _Limits(link, limits.review, limits.margin)
