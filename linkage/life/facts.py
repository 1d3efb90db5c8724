"""What a decision rests on: the facts of a case, so that it is asked again when they change.

A decision holds as long as every fact that the case has now was there when it was made: a case that
loses a reason stays decided, one that gains a reason, a higher severity, another person, another
member of its group or another proposed value is asked again. Figures that move from run to run
(probabilities, days since) are no facts.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from linkage.contracts import SEVERITIES, Table

KEY: Final = "case_id"


def facts_of(
    cases: pl.DataFrame, table: Table, *, masked: bool = False, only: pl.Series | None = None
) -> pl.DataFrame:
    """Facts of every case of a list, as short codes.

    Args:
        cases: rows of the list.
        table: which list it is.
        masked: leave out facts that are personal values.
        only: the cases to tell of, by ``case_id``; all by default.

    Returns:
        ``case_id`` and ``evidence``, a sorted list of codes.

    Example:
        >>> from linkage.contracts import FLAGS
        >>> row = {"case_id": "c", "person_id": None, "reasons": ["R"], "severity": "low"}
        >>> facts_of(pl.DataFrame([row]), FLAGS, masked=True)["evidence"].to_list()
        [['reason:R', 'severity:info', 'severity:low']]
    """
    named = table.columns
    parts = []
    if "reasons" in named:
        parts.append(pl.col("reasons").list.eval(pl.lit("reason:") + pl.element()))
    if "severity" in named:
        parts.append(_severities())
    if not masked:
        parts.append(_valued("person", "person_id"))
    if "proposed" in named and not masked:
        parts.append(_valued("change", "current", "proposed"))
    chosen = cases if only is None else cases.filter(pl.col(KEY).is_in(only.implode()))
    if "group_id" in named:
        members = cases.group_by("group_id").agg(members=pl.lit("member:") + pl.col(KEY))
        chosen = chosen.join(members, on="group_id", how="left", maintain_order="left")
        parts.append(pl.col("members"))
    if not parts:
        parts = [pl.lit([table.name], dtype=pl.List(pl.String))]
    return chosen.select(KEY, evidence=pl.concat_list(parts).list.unique().list.sort())


def _severities() -> pl.Expr:
    """The severity and all below it, so that only a higher one is a further fact."""
    upto = {
        word: [f"severity:{lower}" for lower in SEVERITIES[: place + 1]]
        for place, word in enumerate(SEVERITIES)
    }
    return pl.col("severity").replace_strict(upto, return_dtype=pl.List(pl.String))


def _valued(kind: str, *columns: str) -> pl.Expr:
    """Values as they are; a semicolon would part them in a CSV."""
    shown = [pl.col(column).fill_null("").str.replace_all(";", ",") for column in columns]
    return pl.concat_list(pl.lit(f"{kind}:") + pl.concat_str(shown, separator=" > "))
