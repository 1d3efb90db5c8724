"""Explanations: why a record is linked, or not, and who came second, field by field.

The record is scored again with the job's own sources, model and blocking rules; the exact pass is
left out here, so that a record that it settled shows its match weights as well. What is shown holds
personal values: it is meant for the person who decides, not for a log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import polars as pl

from linkage.charts import Chart, waterfall
from linkage.config import Job
from linkage.contracts import REASONS
from linkage.decide import ranked_candidates
from linkage.errors import ConfigError
from linkage.link import LinkTables
from linkage.link.model import Model
from linkage.link.pairing import Pairing
from linkage.population import PEOPLE
from linkage.session import Session

SHOWN: Final = 3
"""Candidates explained: the best, the runner-up and one more."""


@dataclass(frozen=True)
class AllByModel:
    """Link rules that leave every record to the model, with the exact rules among the blocks."""

    block: Sequence[Sequence[str]]
    exact: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Explanation:
    """One record, its disposition, and its candidates side by side.

    Attributes:
        registry: where the record stands.
        disposition: the record's row of the ``records`` list.
        candidates: ``rank, person_id, match_weight, match_probability``, best first.
        fields: ``rank, person_id, field, comparison, record, candidate, level, weight``.
        prior_weight: match weight before anything is compared.
    """

    registry: str
    disposition: Mapping[str, Any]
    candidates: pl.DataFrame
    fields: pl.DataFrame
    prior_weight: float

    def chart(self, rank: int = 1) -> Chart:
        """Waterfall of one candidate's match weight, from the prior field by field."""
        own = self.fields.filter(pl.col("rank") == rank)
        prior = pl.DataFrame({"label": ["prior"], "weight": [self.prior_weight]})
        steps = own.select(
            label=pl.col("comparison") + pl.lit(": ") + pl.col("level"), weight="weight"
        )
        return waterfall(pl.concat([prior, steps]))

    @property
    def text(self) -> str:
        """The whole explanation as plain text."""
        return "\n".join([*self._head(), *self._body()])

    def __str__(self) -> str:
        """The whole explanation as plain text."""
        return self.text

    def _repr_html_(self) -> str:
        head = "".join(f"<p>{escape(line)}</p>" for line in self._head())
        if self.candidates.height == 0:
            return head
        return (
            head
            + self.candidates._repr_html_()
            + self.fields.drop("person_id")._repr_html_()
            + self.chart().svg
        )

    def _head(self) -> list[str]:
        row = self.disposition
        why = "; ".join(f"{code}: {REASONS[code]}" for code in row["reasons"])
        whom = f" to {row['person_id']}" if row["person_id"] else ""
        lines = [
            f"{self.registry} {row['record_id']} (row {row['row']}): {row['link_status']}{whom},"
            f" decided by {row['decided_by']}",
            f"why: {why}",
            f"look-up of its own number: {row['outcome']}"
            + (f", differing in {', '.join(row['diff_fields'])}" if row["diff_fields"] else ""),
        ]
        if row["runner_up_id"]:
            lines.append(
                f"runner-up: {row['runner_up_id']}, {row['runner_up_margin']:.1f} bits behind"
            )
        return lines

    def _body(self) -> list[str]:
        lines = []
        for candidate in self.candidates.to_dicts():
            lines.append(
                f"\n{candidate['rank']}. {candidate['person_id']}: match weight"
                f" {candidate['match_weight']:+.1f}, probability"
                f" {candidate['match_probability']:.4f} (prior {self.prior_weight:+.1f})"
            )
            own = self.fields.filter(pl.col("rank") == candidate["rank"])
            lines += [
                f"   {f['weight']:+6.1f}  {f['comparison']}: {f['level']}"
                f"  [{f['record'] or '-'} | {f['candidate'] or '-'}]"
                for f in own.to_dicts()
            ]
        return lines or ["no candidates: nobody shares a blocking key with it"]


def explain(
    job: Job | None,
    registry: str,
    disposition: Mapping[str, Any],
    frames: Mapping[str, object] | None = None,
) -> Explanation:
    """Score one record again and say what each field adds.

    Args:
        job: the job of the run.
        registry: the record's registry.
        disposition: the record's row of the ``records`` list.
        frames: frames that the run was given in place of files.

    Raises:
        ConfigError: the job is not at hand, or its sources no longer hold the record.
    """
    if job is None:
        message = "the job behind this run is not at hand"
        raise ConfigError(
            message,
            expected="a run whose job file is still where the manifest says",
            found="no job file",
            hint="explain from the result that linkage.run() returned, or run the job again",
        )
    if disposition["link_status"] == "rejected":
        return _unscored(registry, disposition)
    with Session(job, dict(frames or {})) as session:
        rows = session.read(registry).rows
        row = rows.filter(pl.col("record_id") == disposition["record_id"])
        if row.height != 1:
            message = f"registry '{registry}' no longer holds this record"
            raise ConfigError(
                message,
                expected="the source as it was when the job ran",
                found=f"{rows.height} records, not this one",
                hint="run the job again",
            )
        return _scored(session, registry, row, disposition)


def _unscored(registry: str, disposition: Mapping[str, Any]) -> Explanation:
    candidates = pl.DataFrame(schema={"rank": pl.Int64, "person_id": pl.String})
    return Explanation(registry, disposition, candidates, candidates, 0.0)


def _scored(
    session: Session, registry: str, row: pl.DataFrame, disposition: Mapping[str, Any]
) -> Explanation:
    declaration = session.job.registries[registry]
    tables, pairing = LinkTables(registry), session.pairing(declaration)
    model = session.model(registry, pairing)
    rules = AllByModel([*declaration.link.exact, *declaration.link.block])
    session.link(registry, session.clean(registry, row), tables, pairing, model, rules=rules)
    ranked_candidates(session.engine, tables)
    candidates = session.engine.frame(
        "SELECT c.rank::BIGINT AS rank, p.person_id, c.match_weight,"
        f' c.probability AS match_probability FROM "{tables.ranked}" c'
        f" JOIN {PEOPLE} p ON p.idx = c.idx_r WHERE c.rank <= {SHOWN} ORDER BY c.rank"
    )
    fields = session.engine.frame(_field_rows(model, pairing, tables))
    return Explanation(registry, disposition, candidates, fields, model.prior_weight)


def _field_rows(model: Model, pairing: Pairing, tables: LinkTables) -> str:
    """One row per candidate and comparison: both values, the level and its weight."""
    parts = []
    for position, compared in enumerate(model.comparisons):
        own = pairing.own[compared.field]
        labels = " ".join(
            f"WHEN {compared.gamma(level.label)} THEN '{level.label}'"
            for level in compared.comparison.levels
            if not level.is_null
        )
        null = next(level.label for level in compared.comparison.levels if level.is_null)
        parts.append(
            f"SELECT c.rank::BIGINT AS rank, p.person_id, {position} AS place, '{own}' AS field,"
            f" '{compared.name}' AS comparison, r.\"{own}__raw\" AS record,"
            f' p."{compared.field}"::VARCHAR AS candidate,'
            f" CASE c.\"gamma_{compared.name}\" {labels} ELSE '{null}' END AS level,"
            f' c."w_{compared.name}" AS weight'
            f' FROM "{tables.ranked}" c JOIN "{tables.cleaned}" r ON r.idx = c.idx_l'
            f" JOIN {PEOPLE} p ON p.idx = c.idx_r WHERE c.rank <= {SHOWN}"
        )
    return f"SELECT * EXCLUDE (place) FROM ({' UNION ALL '.join(parts)}) ORDER BY rank, place"
