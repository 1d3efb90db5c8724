"""Cases of dead holders, judged again once all registries were seen (:mod:`linkage.rules.alive`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from linkage.columns import RECORD_ID
from linkage.contracts import case_table
from linkage.link import LinkTables
from linkage.pipeline import RegistryLists
from linkage.rules.alive import recall_the_dead, unseen
from linkage.rules.flags import judge
from linkage.session import Session

Counts = Mapping[str, Mapping[str, int]]


def judge_the_dead(session: Session, name: str, lists: RegistryLists) -> RegistryLists:
    """Judge a registry's records of dead people again, with what other registries saw of them.

    Args:
        session: the job at work; all its registries have run.
        name: the registry.
        lists: what it yielded.

    Returns:
        The same with these cases made anew, in input order; the step's counts of rules follow.
    """
    engine, tables = session.engine, LinkTables(name)
    if not recall_the_dead(engine, tables):
        return lists
    declaration = session.job.registries[name]
    before, after = (
        judge(
            engine,
            view,
            declaration.fields,
            declaration.rules,
            registry=name,
            reference_date=session.job.config.reference_date,
            least=declaration.link.thresholds.actions,
        )
        for view in (unseen(tables), tables)
    )
    again = engine.frame(f'SELECT record_id FROM "{tables.cases}"')
    engine.drop(tables.cases, unseen(tables).cases)
    _count_again(session, name, before.counts, after.counts)
    table, order = case_table(name), lists.lists.part("records", RECORD_ID, "row")
    others = lists.lists[table.name].join(again, on=RECORD_ID, how="anti")
    cases = pl.concat([others, table.check(after.cases)])
    in_order = cases.join(order, on=RECORD_ID, how="left").sort("row").drop("row")
    return replace(lists, lists=lists.lists.replaced({table.name: in_order}))


def _count_again(session: Session, name: str, before: Counts, after: Counts) -> None:
    """Correct the counts of rules that the flagging step noted in the journal."""
    steps = session.journal.steps
    [entry] = [one for one in steps if (one["registry"], one["step"]) == (name, "flag")]
    entry["rules"] = {
        code: {
            verdict: n + after[code][verdict] - before[code][verdict]
            for verdict, n in counts.items()
        }
        for code, counts in entry["rules"].items()
    }
