"""The forms of a job file and of a registry declaration (CONTRACT sections 1 and 2).

Frozen pydantic models: parsed once, never changed. They check each value for itself; what hangs on
other parts of the configuration (is this block key a field?) is checked in :mod:`.cross`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt

from linkage.config.values import (
    Action,
    Character,
    Count,
    Date,
    Encoding,
    Header,
    Holds,
    Keep,
    Probability,
    Rate,
    Text,
    Weight,
    WrongfulLimit,
)

Rules = dict[str, Any]
"""Rule code to parameters; True or {} switches it on as it is, False switches it off."""


class Declared(BaseModel):
    """Base of all forms: frozen, and no key that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


# --- a job ----------------------------------------------------------------------------------------


class SourceConfig(Declared):
    """Where rows come from, and how to read them.

    Attributes:
        path: a file; None when a frame is handed over in Python.
        format: ``auto`` looks at the first bytes.
        delimiter: of a CSV; None finds out.
        encoding: of a CSV: a Python codec, ``tcvn3``, ``vni`` or ``viscii``; None looks for a byte
            order mark and else takes UTF-8.
        quote: of a CSV; None if quotation marks are ordinary characters.
        as_of: the day whose state the source shows.
    """

    path: Path | None = None
    format: Literal["auto", "csv", "parquet", "arrow"] = "auto"
    delimiter: Character = None
    encoding: Encoding = None
    quote: Character = '"'
    as_of: Date | None = None


class PopulationConfig(Declared):
    """The population register: its source, and standard field to source header.

    Attributes:
        source: where it is.
        columns: standard field to source header.
        index: file that keeps the cleaned register for the runs that follow
            (:mod:`linkage.population_index`); None cleans it in every run.
    """

    source: SourceConfig = SourceConfig()
    columns: dict[str, Header]
    index: Path | None = None


class ThresholdOverrides(Declared):
    """Thresholds that a job sets in place of the declaration's."""

    link: Probability | None = None
    review: Probability | None = None
    margin: Weight | None = None
    link_down_to: Probability | None = None
    max_wrong_per_10k: Rate | None = None
    tuned_on: Count | None = None
    actions: dict[Action, Probability] | None = None


class LinkOverrides(Declared):
    """What a job changes in a declaration's ``link`` part."""

    exact: list[list[Text]] | None = None
    block: list[list[Text]] | None = None
    model: Text | None = None
    thresholds: ThresholdOverrides = ThresholdOverrides()
    adapt: StrictBool | None = None
    second_opinion: Literal["review"] | None = None


class DuplicateOverrides(Declared):
    """What a job changes in a declaration's ``duplicates`` part."""

    keep: Keep | None = None
    sure: Probability | None = None
    match: Probability | None = None


class RegistryJob(Declared):
    """A registry in a job: its source, standard field to source header, and overrides."""

    source: SourceConfig = SourceConfig()
    columns: dict[str, Header]
    link: LinkOverrides = LinkOverrides()
    duplicates: DuplicateOverrides = DuplicateOverrides()
    rules: Rules = {}
    max_wrongful_per_10k: WrongfulLimit = {}


class EngineConfig(Declared):
    """What computes, and within which limits.

    Attributes:
        name: the engine.
        memory_limit: as DuckDB writes it (``4GB``); None for its own default.
        temp_directory: where it may spill to; None for the system's. What is spilled is private to
            its owner and removed afterwards. With ``spark`` on a cluster, a place that all of it sees.
        threads: None for all cores.
        master: with ``spark``, where it runs (``spark://host:7077``, ``yarn``); None for this machine,
            or the session that is active already.
        options: with ``spark``, its settings by name, for a session that the job starts.
        spark_from: with ``spark``, records or pairs from which it joins and scores them; fewer are not
            worth it.
    """

    name: Literal["duckdb", "spark"] = "duckdb"
    memory_limit: Annotated[str, Field(pattern=r"^\d+(\.\d+)? ?([KMGT]i?B|%)$")] | None = "4GB"
    temp_directory: Path | None = None
    threads: Count | None = None
    master: str | None = None
    options: dict[str, StrictBool | StrictInt | StrictFloat | str] = {}
    spark_from: Annotated[int, Field(ge=0, strict=True)] = 50_000


class OutputConfig(Declared):
    """Where the lists go.

    Attributes:
        path: their folder.
        formats: of the lists.
        mask: hides values that point to a person, for sharing.
        state: private folder that keeps what a finished run has made of its records, for ``linkage
            update`` (:mod:`linkage.updates`); None keeps nothing.
    """

    path: Path
    formats: Annotated[list[Literal["parquet", "csv"]], Field(min_length=1)] = ["parquet"]
    mask: StrictBool = False
    state: Path | None = None


class HarmConfig(Declared):
    """How the bound on harm is measured (:mod:`linkage.harm`).

    Attributes:
        trial_records: records of each registry that are linked again without their identity number;
            0 leaves the bound to the probabilities alone.
    """

    trial_records: Annotated[int, Field(strict=True, ge=0)] = 5_000


class JobConfig(Declared):
    """A job file (CONTRACT section 2)."""

    job: Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]*$")]
    purpose: Annotated[str, Field(pattern=r"\S")]
    reference_date: Date
    population: PopulationConfig
    registries: Annotated[dict[str, RegistryJob], Field(min_length=1)]
    engine: EngineConfig = EngineConfig()
    output: OutputConfig
    feedback: SourceConfig | None = None
    harm: HarmConfig = HarmConfig()


# --- declarations ---------------------------------------------------------------------------------


class FieldDeclaration(Declared):
    """A standard field: its type, and what the registry demands of it.

    Attributes:
        type: a field type, see :mod:`linkage.fields`.
        required: a job must map it.
        unique: no two records share a value of it.
        values: for categories: standard value to how sources write it.
    """

    type: str
    required: StrictBool = False
    unique: StrictBool = False
    values: dict[str, list[Text]] = {}


class Thresholds(Declared):
    """When a candidate is linked, reviewed or left.

    Attributes:
        link: least probability of a link.
        review: least probability of a review; at most ``link``.
        margin: least lead over the runner-up, in match-weight units (bits).
        link_down_to: less sure records are linked as well, down to this probability, for as long
            as of all links no more than ``max_wrong_per_10k`` are expected to be wrong; None for
            none. A job that sets ``link`` itself has none but its own.
        max_wrong_per_10k: see ``link_down_to``.
        tuned_on: people in the register that ``link`` was tuned on; None if it was not tuned.
        actions: least probability of the link on which a step may be taken (``lock_both: 0.9999``):
            cases of less sure links are asked about instead.
    """

    link: Probability = 0.99
    review: Probability = 0.05
    margin: Weight = 3.0
    link_down_to: Probability | None = None
    max_wrong_per_10k: Rate = 5.0
    tuned_on: Count | None = None
    actions: dict[Action, Probability] = {}


class LinkDeclaration(Declared):
    """How a registry is linked.

    Attributes:
        exact: sets of fields whose agreement settles a record at once.
        block: sets of keys, fields or ``field.key``, that candidates agree on.
        model: file of trained weights; None for the shipped prior.
        thresholds: see :class:`Thresholds`.
        adapt: whether the weights follow the records of the run (:mod:`linkage.link.adapt`), or stay
            those of the model file.
        second_opinion: ``review`` sends links that recordlinkage's ECM would not make to review
            (:mod:`linkage.second_opinion`, extra ``evaluate``); None does not ask it.
    """

    exact: list[Annotated[list[Text], Field(min_length=1)]] = []
    block: list[Annotated[list[Text], Field(min_length=1)]] = []
    model: Text | None = None
    thresholds: Thresholds = Thresholds()
    adapt: StrictBool = True
    second_opinion: Literal["review"] | None = None


class DuplicateDeclaration(Declared):
    """How records that belong together are listed (:mod:`linkage.duplicates`).

    Attributes:
        keep: which record of a group is kept: the newest, the most complete, or one whose number the
            look-up confirms; the newest among equals.
        sure: least confidence on which the list says cancel or merge; below it asks.
        match: least probability at which records that the register does not know are one person's.
        plates_follow_owner_from: day since which a plate may move between vehicles of one person.
        plate_kind: field that tells vehicles whose plates may read alike.
        classes: field with the class of a licence; cards whose class another contains are told.
    """

    keep: Keep = "newest"
    sure: Probability = 0.99
    match: Probability = 0.95
    plates_follow_owner_from: Date | None = None
    plate_kind: str | None = None
    classes: str | None = None


Titles = dict[Annotated[str, Field(pattern=r"^[a-z]{2}$")], Text]


class PopulationDeclaration(Declared):
    """The standard fields of the population register (``configs/population.yaml``)."""

    title: Titles = {}
    fields: Annotated[dict[str, FieldDeclaration], Field(min_length=1)]


class RegistryDeclaration(Declared):
    """A registry (CONTRACT section 1).

    Attributes:
        registry: its name, that of the file.
        title: by language.
        fields: standard name to field.
        holds: lawful records per person; excess is flagged, never unlinked.
        holds_by: field, or part of a field (``insurance_card.number``), whose distinct values are what
            is counted; None counts records.
        opened_on: date field that says when the record was opened.
        link: how it is linked.
        rules: which rules apply, with which parameters.
        max_wrongful_per_10k: most wrongful cases expected per 10,000 records, by step (``{default: 5,
            lock_outgoing: 1}``); what exceeds it becomes a question (:mod:`linkage.harm`).
    """

    registry: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Titles = {}
    fields: Annotated[dict[str, FieldDeclaration], Field(min_length=1)]
    holds: Holds = "many"
    holds_by: str | None = None
    opened_on: str | None = None
    link: LinkDeclaration = LinkDeclaration()
    duplicates: DuplicateDeclaration = DuplicateDeclaration()
    rules: Rules = {}
    max_wrongful_per_10k: WrongfulLimit = {}
