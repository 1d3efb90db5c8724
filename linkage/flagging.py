"""Cases and duplicates of a decided registry, or of some of its records."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from linkage.contracts import DUPLICATES, case_table
from linkage.duplicates.listing import DuplicateInput, duplicates, read_of_cases
from linkage.duplicates.unlinked import Comparing
from linkage.holdings import counted_by, lawful_records
from linkage.link import LinkTables
from linkage.rules.alive import keep_the_dead
from linkage.rules.flags import Flagged, flag
from linkage.session import Session

Counts = Mapping[str, Mapping[str, int]]
FlaggedLists = tuple[dict[str, pl.DataFrame], Counts]
"""Lists of cases and duplicates, and the counts of rules."""


def duplicate_input(session: Session, name: str) -> DuplicateInput:
    """What the duplicates list of a registry needs beside its tables."""
    declaration = session.job.registries[name]
    everything = session.pairing(declaration)
    model, limits = session.model(name, everything), declaration.duplicates
    return DuplicateInput(
        declaration.fields,
        limits,
        lawful=lawful_records(declaration.holds),
        counted_by=counted_by(declaration),
        comparing=Comparing(
            everything, model, declaration.link.block, limits.match, warn=session.warn
        ),
    )


def judged_cases(session: Session, name: str, tables: LinkTables, given: DuplicateInput) -> Flagged:
    """The case list of a registry, whose case view is in the engine then."""
    declaration = session.job.registries[name]
    return flag(
        session.engine,
        tables,
        given.fields,
        declaration.rules,
        opened_on=declaration.opened_on,
        counted_by=given.counted_by,
        reference_date=session.job.config.reference_date,
        least=declaration.link.thresholds.actions,
        also=read_of_cases(given),
    )


def flagged_lists(
    session: Session, name: str, tables: LinkTables, given: DuplicateInput | None = None
) -> FlaggedLists:
    """Cases and duplicates of a decided registry, or of some of its records.

    Args:
        session: the job at work.
        name: of the registry.
        tables: names of its tables.
        given: for the duplicates; None for what the registry declares.

    Returns:
        Its lists, and the counts of its rules. What it saw of the dead is in the engine.
    """
    given, table = given or duplicate_input(session, name), case_table(name)
    judged = judged_cases(session, name, tables, given)
    doubled = duplicates(session.engine, tables, given)
    keep_the_dead(session.engine, tables)
    counts = {code: dict(counts) for code, counts in judged.counts.items()}
    lists = {table.name: table.check(judged.cases), "duplicates": DUPLICATES.check(doubled)}
    return lists, counts
