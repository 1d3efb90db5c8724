"""Explanations: why a record is linked, or not, and who came second, field by field.

The record is scored again with the job's own sources, model and blocking rules; the exact pass is
left out here, so that a record that it settled shows its match weights as well. What is shown holds
personal values: it is meant for the person who decides, not for a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, Final

import polars as pl

from linkage.charts import Chart, waterfall
from linkage.columns import part
from linkage.config import Job
from linkage.contracts import REASONS
from linkage.errors import ConfigError
from linkage.link import LinkTables
from linkage.link.comparisons import Level
from linkage.link.model import FieldComparison, Model
from linkage.link.pairing import Pairing
from linkage.link.posterior import Shares, rank_candidates
from linkage.link.registry import AllByModel
from linkage.population import PEOPLE, PEOPLE_FEATURES
from linkage.session import Session

SHOWN: Final = 3
"""Candidates explained: the best, the runner-up and one more."""

_CANDIDATES: Final = {
    "rank": pl.Int64, "person_id": pl.String, "match_weight": pl.Float64,
    "match_probability": pl.Float64,
}  # fmt: skip
_FIELDS: Final = {
    "rank": pl.Int64, "person_id": pl.String, "field": pl.String, "comparison": pl.String,
    "record": pl.String, "candidate": pl.String, "level": pl.String, "weight": pl.Float64,
}  # fmt: skip
_VALUES: Final = {"field": pl.String, "value": pl.String}


@dataclass(frozen=True)
class MadeFrom:
    """What a run was made from, by hash; None where it is not known.

    Attributes:
        job: False if the job or a declaration is no longer what it was.
        source: content of the registry's source.
        population: content of the population's source.
        model: content of the model file.
        shares: share of holders in the register, as the run estimated it.
        m: m probabilities that the run adapted to its records, by comparison and level.
        number_m: those of the number by group of records.
        holder_bits: what year of birth and sex add to the prior.
    """

    job: bool = True
    source: str | None = None
    population: str | None = None
    model: str | None = None
    shares: Shares = field(default_factory=dict)
    m: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    number_m: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    holder_bits: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class Explanation:
    """One record, its disposition, and its candidates side by side.

    Attributes:
        registry: where the record stands.
        disposition: the record's row of the ``records`` list.
        candidates: ``rank, person_id, match_weight, match_probability``, best first.
        fields: ``rank, person_id, field, comparison, record, candidate, level, weight``.
        prior_weight: match weight of anybody before anything is compared; a candidate's own follows
            from who holds such records (:mod:`linkage.link.holder_profile`).
        values: ``field, value``: the record's own, of the fields that are compared.
        notes: what has changed since the run.
    """

    registry: str
    disposition: Mapping[str, Any]
    candidates: pl.DataFrame
    fields: pl.DataFrame
    prior_weight: float
    values: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_VALUES))
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """The disposition and counts; no key and no value."""
        count = self.candidates.height
        many = "candidate" if count == 1 else "candidates"
        return f"<Explanation {self.registry}: {self.disposition['link_status']}, {count} {many}>"

    def chart(self, rank: int = 1) -> Chart:
        """Waterfall of one candidate's match weight, from the prior field by field."""
        own = self.fields.filter(pl.col("rank") == rank)
        prior = pl.DataFrame({"label": ["prior"], "weight": [self.prior(rank)]})
        steps = own.select(
            label=pl.col("comparison") + pl.lit(": ") + pl.col("level"), weight="weight"
        )
        return waterfall(pl.concat([prior, steps]))

    def prior(self, rank: int) -> float:
        """Match weight of a candidate before anything is compared: everybody's, his age and sex."""
        own = pl.col("rank") == rank
        total = self.candidates.filter(own)["match_weight"].sum()
        return float(total) - float(self.fields.filter(own)["weight"].sum())

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
            return head + f"<p>{escape(self._no_candidates())}</p>" + self.values._repr_html_()
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
            *(f"note: {note}" for note in self.notes),
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
                f" {candidate['match_weight']:+.1f} = prior {self.prior(candidate['rank']):+.1f}"
                f" + the fields below; probability {candidate['match_probability']:.4f}"
            )
            own = self.fields.filter(pl.col("rank") == candidate["rank"])
            lines += [
                f"   {f['weight']:+6.1f}  {f['comparison']}: {f['level']}"
                f"  [{f['record'] or '-'} | {f['candidate'] or '-'}]"
                for f in own.to_dicts()
            ]
        return lines or [
            self._no_candidates(),
            *(f"   {own['field']}: {own['value'] or '-'}" for own in self.values.to_dicts()),
        ]

    def _no_candidates(self) -> str:
        if self.disposition["link_status"] == "rejected":
            return "no candidates: the row was set aside, see the list of rejects"
        if self.disposition["subject_type"] == "organisation":
            return "no candidates: organisations are not looked for among people"
        return "no candidates: nobody shares a blocking key with it"


def explain(
    job: Job | None,
    registry: str,
    disposition: Mapping[str, Any],
    frames: Mapping[str, object] | None = None,
    made_from: MadeFrom | None = None,
    told: pl.DataFrame | None = None,
) -> Explanation:
    """Score one record again and say what each field adds.

    Args:
        job: the job of the run.
        registry: the record's registry.
        disposition: the record's row of the ``records`` list.
        frames: frames that the run was given in place of files.
        made_from: what the run was made from; the explanation notes what has changed since.
        told: what feedback says of links: ``registry, record_id, person_id, is_right``. The record
            is scored as if nothing had been said, and the explanation notes what was.

    Raises:
        ConfigError: the job is not at hand, or its sources no longer hold the record.
    """
    if job is None:
        message = "the job behind this run is not at hand"
        raise ConfigError(
            message,
            expected="a run whose job file is still where the manifest says, and loads",
            found="a job file with errors" if made_from and not made_from.job else "no job file",
            hint="explain from the result that linkage.run() returned, or run the job again",
        )
    if disposition["link_status"] == "rejected":
        return _unscored(registry, disposition)
    with Session(job, dict(frames or {})) as session:
        source = session.read(registry)
        rows = source.rows
        row = rows.filter(pl.col("record_id") == disposition["record_id"])
        if row.height != 1:
            message = f"registry '{registry}' no longer holds this record"
            raise ConfigError(
                message,
                expected="the source as it was when the job ran",
                found=f"{rows.height} records, not this one",
                hint="run the job again",
            )
        found = MadeFrom(
            source=source.source["content_hash"],
            population=session.register.source["content_hash"],
            model=session.model(registry, session.pairing(job.registries[registry])).sha256,
        )
        then = made_from or MadeFrom()
        scored = _scored(session, registry, row, disposition, then)
        said = _told(told, registry, disposition)
        return replace(scored, notes=(*_notes(then, found), *_left_out(disposition), *said))


def _notes(then: MadeFrom, now: MadeFrom) -> tuple[str, ...]:
    """What has changed between the run and now."""
    changed = [] if then.job else ["the job or a declaration has changed since the run; scored"
                                   " with the present one"]  # fmt: skip
    parts = {
        "the source has changed since the run": (then.source, now.source),
        "the population register has changed since the run": (then.population, now.population),
        "the model has changed since the run; scored with the present one": (then.model, now.model),
    }
    changed += [note for note, (old, new) in parts.items() if old is not None and old != new]
    return tuple(changed)


_WITHOUT: Final = {
    "SEEN_ELSEWHERE": "the run knew more of this person from another registry's links; scored here"
    " without that",
    "HELD_BY_ANOTHER": "in the run another record had the better claim to the next person; scored"
    " here without that",
}
"""Reasons that rest on other records, which an explanation of one record does not read again."""


def _left_out(disposition: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(note for code, note in _WITHOUT.items() if code in disposition["reasons"])


def _told(
    told: pl.DataFrame | None, registry: str, disposition: Mapping[str, Any]
) -> tuple[str, ...]:
    """What feedback says of the record, which decides whatever the weights below say."""
    if told is None:
        return ()
    own = told.filter(
        pl.col("registry") == registry, pl.col("record_id") == disposition["record_id"]
    )
    return tuple(
        f"feedback decides: this record is {'' if is_right else 'not '}{person}'s, whatever the"
        " weights say; scored here as if nothing had been said"
        for person, is_right in own.select("person_id", "is_right").sort("person_id").rows()
    )


def _unscored(registry: str, disposition: Mapping[str, Any]) -> Explanation:
    candidates, fields = pl.DataFrame(schema=_CANDIDATES), pl.DataFrame(schema=_FIELDS)
    return Explanation(registry, disposition, candidates, fields, 0.0)


def _scored(
    session: Session,
    registry: str,
    row: pl.DataFrame,
    disposition: Mapping[str, Any],
    then: MadeFrom,
) -> Explanation:
    declaration = session.job.registries[registry]
    tables, pairing = LinkTables(registry), session.pairing(declaration)
    model = replace(
        session.model(registry, pairing).with_m(then.m),
        number_m=then.number_m,
        holder_bits=then.holder_bits,
    )
    rules = AllByModel.of(declaration.link)
    cleaned = session.clean(registry, row)
    session.link(registry, cleaned, tables, pairing, model, rules=rules)
    rank_candidates(session.engine, tables, then.shares)
    candidates = session.engine.frame(
        "SELECT c.rank::BIGINT AS rank, p.person_id, c.match_weight,"
        f' c.probability AS match_probability FROM "{tables.ranked}" c'
        f" JOIN {PEOPLE} p ON p.idx = c.idx_r WHERE c.rank <= {SHOWN} ORDER BY c.rank"
    )
    fields = session.engine.frame(_field_rows(model, pairing, tables))
    own = dict.fromkeys(pairing.own[compared.field] for compared in model.comparisons)
    values = pl.DataFrame(
        [(name, cleaned[part(name, "raw")][0]) for name in own], schema=_VALUES, orient="row"
    )
    return Explanation(registry, disposition, candidates, fields, model.prior_weight, values)


def _field_rows(model: Model, pairing: Pairing, tables: LinkTables) -> str:
    """One row per candidate and comparison: both values, the level and its weight."""
    parts = []
    for position, compared in enumerate(model.comparisons):
        own = pairing.own[compared.field]
        labels = " ".join(
            f"WHEN {compared.gamma(level.label)} THEN {_label(compared, level)}"
            for level in compared.scored
        )
        parts.append(
            f"SELECT c.rank::BIGINT AS rank, p.person_id, {position} AS place, '{own}' AS field,"
            f" '{compared.name}' AS comparison, r.\"{own}__raw\" AS record,"
            f' p."{compared.field}"::VARCHAR AS candidate,'
            f" CASE c.\"gamma_{compared.name}\" {labels} ELSE '{compared.missing.label}' END AS level,"
            f' c."w_{compared.name}" AS weight'
            f' FROM "{tables.ranked}" c JOIN "{tables.cleaned}" r ON r.idx = c.idx_l'
            f' JOIN "{tables.features}" rf ON rf.idx = c.idx_l'
            f" JOIN {PEOPLE} p ON p.idx = c.idx_r"
            f" JOIN {PEOPLE_FEATURES} pf ON pf.idx = c.idx_r WHERE c.rank <= {SHOWN}"
        )
    return f"SELECT * EXCLUDE (place) FROM ({' UNION ALL '.join(parts)}) ORDER BY rank, place"


def _label(compared: FieldComparison, level: Level) -> str:
    """The level as SQL text; an agreeing number that is not the person's present one says so."""
    number = part(compared.field, "number")
    if level.label != "same number":
        return f"'{level.label}'"
    present = f'coalesce(rf."{number}" = pf."{number}", false)'
    return f"CASE WHEN {present} THEN '{level.label}' ELSE '{level.label} (an old one)' END"
