"""Verify single records: the state's look-up, and who else may be meant, for a notebook or a service.

The answer is the one that a run gives the record, with the weights and shares of a run that has been
made: what hangs on other records of the registry (competition for a person, what their links show,
duplicates) is not asked. Nothing is written and nothing is learnt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import polars as pl

from linkage.columns import RECORD_ID, ROW
from linkage.config import Job, load_job
from linkage.contracts import REVIEW
from linkage.decide import DecisionInput, decide
from linkage.errors import ConfigError, did_you_mean
from linkage.explain import MadeFrom
from linkage.link import LinkTables
from linkage.link.pairing import Pairing
from linkage.link.registry import AllByModel
from linkage.lookup import Asked, Asking, RecordCleaner, content_of, ready_lookup
from linkage.population import PEOPLE_FEATURES
from linkage.population_index import PopulationIndex
from linkage.records import records_list
from linkage.result import open_run
from linkage.review import CANDIDATE, candidates_of
from linkage.session import Session, registries_of
from linkage.thresholds import Thresholds, of_one_record

_AT_ONCE: Final = 1_000
_SURROGATE: Final = re.compile("[\ud800-\udfff]").search


@dataclass(frozen=True, repr=False)
class Verified:
    """What is known of one record.

    Attributes:
        outcome: of the look-up by number, name and birth date: MATCH, FIELD_DIFF, NOT_FOUND, BAD_ID or
            NOT_CHECKED.
        diff_fields: fields that differ from the person linked, else from the owner of the number.
        link_status: linked, review, unlinked, or not_applicable for an organisation.
        person_id: whom it is linked to; None unless it is.
        match_probability: of the link or the best candidate; None without one.
        reasons: why: codes of the contract.
        candidates: one row per candidate, best first, as in the review list: ``rank, candidate_id,
            match_weight, match_probability``, and for each field ``<field>_record``,
            ``<field>_candidate``, ``<field>_weight``.
    """

    outcome: str
    diff_fields: tuple[str, ...]
    link_status: str
    person_id: str | None
    match_probability: float | None
    reasons: tuple[str, ...]
    candidates: pl.DataFrame

    def __repr__(self) -> str:
        """Outcome and counts; no key and no value."""
        count = self.candidates.height
        many = "candidate" if count == 1 else "candidates"
        return f"<Verified {self.outcome}, {self.link_status}, {count} {many}>"


class Verifier:
    """A job's register at hand, to verify records of one registry against it.

    Args:
        config: a job file, the same as a mapping, or a job already loaded; with ``population: index:``
            the register need not be cleaned first.
        registry: which of its registries the records are of.
        run: the folder of a run of this job, whose weights, shares and threshold are taken; without
            one those of the model file.
        sources: frames in place of files; only ``population`` is read.

    Raises:
        ConfigError: the job is wrong, or has no such registry.

    Example:
        >>> from linkage.resources import shipped
        >>> with Verifier(shipped("configs", "sample.yaml"), "sim") as verifier:
        ...     answer = verifier.verify({"full_name": "Hồ Thị Xuyến", "personal_id": "12"})
        >>> answer.outcome, answer.link_status, answer.candidates.height
        ('BAD_ID', 'unlinked', 0)
    """

    def __init__(
        self,
        config: Path | str | Mapping[str, Any] | Job,
        registry: str,
        *,
        run: Path | str | None = None,
        sources: Mapping[str, object] | None = None,
    ) -> None:
        self._job = config if isinstance(config, Job) else load_job(config)
        (self._registry,) = registries_of(self._job, [registry])
        self._made = MadeFrom()
        self._threshold: float | None = None
        if run is not None:
            found = open_run(run)
            self._made = found[registry].made_from or MadeFrom()
            self._threshold = found.link_threshold(registry)
        self._session = Session(self._job, dict(sources or {}))

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            opened.enter_context(self._session)
            self._asking = self._judge()
            opened.callback(self._asking.close)
            self._opened = opened.pop_all()
        return self

    def _judge(self) -> Asking:
        """What records are judged by, and the register laid out for it."""
        declaration = self._job.registries[self._registry]
        self._pairing = self._session.pairing(declaration)
        model = self._session.model(self._registry, self._pairing)
        self._model = replace(
            model.with_m(self._made.m),
            number_m=self._made.number_m,
            holder_bits=self._made.holder_bits,
        )
        limits = declaration.link.thresholds
        if self._threshold is not None:
            limits = limits.model_copy(update={"link": self._threshold, "link_down_to": None})
        self._limits = limits
        return self._ready()

    def _ready(self) -> Asking:
        """The register laid out for single records, and the steps prepared."""
        session, declaration = self._session, self._job.registries[self._registry]
        index = self._job.config.population.index if session.index else None
        kept = list(self._job.registries.values()) if index else [declaration]
        content = content_of(session.engine, kept, session.population)
        folder = index.with_suffix(".lookup") if index else _own_folder(session) / "lookup"
        found = PopulationIndex.read(index) if index else None
        origin = dict(found.origin) if found else {}
        lookup = ready_lookup(session.engine, content, session.population.size, folder, origin)
        given = self._given(of_one_record(self._limits))
        asked = Asked(declaration.fields, declaration.link, given, session.population)
        own = set(self._pairing.own.values())
        read = {
            name: field
            for name, field in declaration.fields.items()
            if name in own or field.required
        }
        self._clean = RecordCleaner(read, session.context)
        return Asking(session.engine, asked, lookup, self._cleaned([{}]))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.__exit__(kind, error, trace)

    def verify(self, record: Mapping[str, str | None]) -> Verified:
        """Verify one record.

        Args:
            record: standard field of the registry to its value as it was written.

        Raises:
            ConfigError: a field is not one of the registry's, or a value is no text.
        """
        return self.verify_many([record])[0]

    def verify_many(self, records: Iterable[Mapping[str, str | None]]) -> list[Verified]:
        """Verify some records in one pass: the same answers, for a small part of the time each.

        They are answered a thousand at a time. What one says is not asked of another; probabilities
        may differ in the last digit, for they are sums in another order.

        Args:
            records: each as :meth:`verify` takes it; of a frame its ``to_dicts()``.

        Returns:
            The answers, in order.

        Raises:
            ConfigError: a field is not one of the registry's, or a value is no text.
        """
        asked, answers = iter(records), list[Verified]()
        while some := list(islice(asked, _AT_ONCE)):
            judged = self._asking(self._cleaned(some, first=len(answers) + 1))
            for record, (decided, candidates) in zip(some, judged, strict=True):
                shown = self._pairing.only([name for name in record if record[name] is not None])
                answers.append(_verified(decided, candidates, shown))
        return answers

    def _by_every_step(self, record: Mapping[str, str | None]) -> Verified:
        """The same by every step of a run over the whole register: what :meth:`verify` is held to."""
        cleaned = self._session.clean(self._registry, self._raw([record]))
        engine, tables = self._session.engine, LinkTables(f"verify_{self._registry}")
        rules = AllByModel.of(self._job.registries[self._registry].link)
        self._session.load_records(self._registry, cleaned, tables, self._pairing)
        self._session.link_loaded(self._registry, tables, self._pairing, self._model, rules=rules)
        given = self._given(self._limits)
        decide(engine, given, tables)
        decided = records_list(engine, tables, pl.DataFrame()).row(0, named=True)
        shown = self._pairing.only([name for name in record if record[name] is not None])
        candidates = candidates_of(engine, tables, self._model, shown)
        engine.drop(*tables.all)
        return _verified(decided, candidates, shown)

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields that a record may have."""
        declared = self._job.registries[self._registry].fields
        return tuple(name for name, field in declared.items() if field.type != "key")

    def _cleaned(self, records: Sequence[Mapping[str, str | None]], first: int = 1) -> pl.DataFrame:
        """The fields that the answer hangs on."""
        return self._clean(self._raw(records, first))

    def _given(self, limits: Thresholds) -> DecisionInput:
        return DecisionInput(self._model, self._pairing, limits, PEOPLE_FEATURES, self._made.shares)

    def _raw(self, records: Sequence[Mapping[str, str | None]], first: int = 1) -> pl.DataFrame:
        fields = self._job.registries[self._registry].fields
        for name in dict.fromkeys(name for record in records for name in record):
            if name not in fields:
                message = f"registry '{self._registry}' has no field '{name}'"
                raise ConfigError(
                    message,
                    expected=f"some of {', '.join(fields)}",
                    found=name,
                    hint=did_you_mean(name, fields) or "fields are those of the declaration",
                )
        for name, value in ((n, v) for record in records for n, v in record.items()):
            if found := _no_text(value):
                message = f"a value of field '{name}' is no text"
                raise ConfigError(
                    message,
                    expected="text as it was written, or None",
                    found=found,
                    hint="give a number or a day as text: its zeros and its order count",
                )
        rows = list(range(first, first + len(records)))
        numbered = [
            pl.Series(ROW, rows, pl.Int64),
            pl.Series(RECORD_ID, [f"row:{row}" for row in rows], pl.String),
        ]
        written = [
            pl.Series(name, [record.get(name) for record in records], pl.String)
            for name in self.fields
        ]
        return pl.DataFrame([*numbered, *written])


def _no_text(value: object) -> str | None:
    """What a value is that is neither nothing nor text that can be written; it is not told."""
    if value is None:
        return None
    if not isinstance(value, str):
        return type(value).__name__
    return "half a character" if _SURROGATE(value) else None


def _own_folder(session: Session) -> Path:
    assert session.folder is not None  # it is entered
    return session.folder


def _verified(decided: Mapping[str, Any], candidates: pl.DataFrame, shown: Pairing) -> Verified:
    """The answer, with the candidates' columns of the fields that are shown."""
    of_fields = [
        f"{own}_{side}"
        for field, own in shown.own.items()
        if field in shown.compared
        for side in ("record", "candidate", "weight")
    ]
    return Verified(
        outcome=decided["outcome"],
        diff_fields=tuple(decided["diff_fields"]),
        link_status=decided["link_status"],
        person_id=decided["person_id"],
        match_probability=decided["match_probability"],
        reasons=tuple(decided["reasons"]),
        candidates=candidates.select(*CANDIDATE, *of_fields).cast(
            {"rank": REVIEW.columns["rank"].dtype}
        ),
    )


def verify(
    record: Mapping[str, str | None],
    config: Path | str | Mapping[str, Any] | Job,
    registry: str,
    *,
    run: Path | str | None = None,
    sources: Mapping[str, object] | None = None,
) -> Verified:
    """Verify one record; for more than one open a :class:`Verifier`, which loads the register once.

    Args:
        record: standard field of the registry to its value as it was written.
        config: the job, see :class:`Verifier`.
        registry: which of its registries the record is of.
        run: the folder of a run whose weights are taken.
        sources: frames in place of files.

    Raises:
        ConfigError: the job is wrong, or a field or registry is not known.
    """
    with Verifier(config, registry, run=run, sources=sources) as verifier:
        return verifier.verify(record)
