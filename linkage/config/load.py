"""A job file to a checked, frozen job: everything that can be known without looking at data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from linkage.config import cross
from linkage.config.document import Document, KeyPath, from_mapping, keep_texts, read_document
from linkage.config.effective import content_hash, merged, resolved
from linkage.config.findings import validate
from linkage.config.models import (
    JobConfig,
    LinkOverrides,
    PopulationDeclaration,
    RegistryDeclaration,
    RegistryJob,
)
from linkage.errors import ConfigError, Problem, did_you_mean
from linkage.resources import shipped

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Job:
    """A job, ready to run.

    Attributes:
        config: the job file, with absolute paths and variables expanded (they may be credentials).
        path: the job file; None for a mapping.
        written: the job file's data as written, variables not expanded: fit for a manifest.
        population: fields of the population register.
        registries: declaration per registry as this job changes it; ``rules`` holds the rules that
            are on, each with all of its parameters.
        model_paths: per registry, the file of trained weights, or None.
        declaration_paths: per registry, the declaration that was found.
        config_hash: SHA-256 of the effective configuration.
    """

    config: JobConfig
    path: Path | None
    written: Mapping[str, Any]
    population: PopulationDeclaration
    registries: Mapping[str, RegistryDeclaration]
    model_paths: Mapping[str, Path | None]
    declaration_paths: Mapping[str, Path | None]
    config_hash: str


def load_job(config: Path | str | Mapping[str, Any] | JobConfig) -> Job:
    """Read a job and all that it names, and check that it hangs together.

    Args:
        config: a YAML file; or its content as a mapping or model, with paths relative to the
            current folder.

    Raises:
        ConfigError: everything that is wrong, each with its place.

    Example:
        >>> load_job({"job": "sample"})  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        linkage.errors.ConfigError: 5 problems in <mapping>
    """
    loader = _Loader(_open(config))
    job = loader.load()
    if loader.problems or job is None:
        raise _error(loader.document.name, loader.problems)
    return job


def _open(config: Path | str | Mapping[str, Any] | JobConfig) -> Document:
    if isinstance(config, JobConfig):
        return from_mapping(config.model_dump(exclude_unset=True))
    if isinstance(config, Mapping):
        return from_mapping(config)
    path = Path(config)
    if not path.is_file():
        folder = path.parent
        siblings = [file.name for file in folder.glob("*.y*ml")] if folder.is_dir() else []
        msg = f"there is no job file {path}"
        raise ConfigError(msg, expected="a YAML file",
                          found="a folder" if path.is_dir() else "nothing",
                          hint=did_you_mean(path.name, siblings))  # fmt: skip
    return read_document(path)


def _error(name: str, problems: list[Problem]) -> ConfigError:
    count = len(problems)
    msg = f"{count} problem{'s' if count > 1 else ''} in {name}"
    return ConfigError(msg, problems=problems)


@dataclass(frozen=True)
class _Declared:
    document: Document
    declaration: RegistryDeclaration | None


class _Loader:
    """Loads one job, collecting problems on the way."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.folder = document.path.resolve().parent if document.path else Path.cwd()
        self._others: list[Document] = []

    @property
    def problems(self) -> list[Problem]:
        """All that was noted, file by file, from top to bottom."""
        return [p for document in (self.document, *self._others) for p in document.in_order()]

    def load(self) -> Job | None:
        data = self.document.data
        if not isinstance(data, dict):
            self.document.note((), "this is not a job", "job: …, purpose: …", "no keys")
            return None
        keep_texts(self.document)
        config = validate(self.document, JobConfig, data, ())
        if config is not None:
            cross.check_engine(self.document, config.engine)
        population = self._population()
        if population is None:
            return None
        people = data.get("population")
        self._columns(("population", "columns"), people, population.fields)
        sections = _part(data, "registries")
        effective = {name: self._registry(name, sections[name], population) for name in sections}
        if self.problems or config is None:
            return None
        registries = {name: found[0] for name, found in effective.items() if found}
        models = {name: found[1] for name, found in effective.items() if found}
        declared = {name: found[2] for name, found in effective.items() if found}
        return Job(
            config=resolved(config, self.folder),
            path=self.document.path.resolve() if self.document.path else None,
            written=MappingProxyType(self.document.written),
            population=population,
            registries=MappingProxyType(registries),
            model_paths=MappingProxyType(models),
            declaration_paths=MappingProxyType(declared),
            config_hash=content_hash(config, population, registries),
        )

    # --- files beside the job ---

    def _find(self, *parts: str) -> Path | None:
        roots = (self.folder, self.folder.parent, shipped("configs"))
        own = self.document.path.resolve() if self.document.path else None
        places = (root.joinpath(*parts) for root in roots)
        return next((place for place in places if place.is_file() and place != own), None)

    def _read(self, path: Path) -> Document | None:
        try:
            document = read_document(path)
        except ConfigError as error:
            self.document.add(error.as_problem())
            return None
        self._others.append(document)
        keep_texts(document)
        return document

    def _population(self) -> PopulationDeclaration | None:
        path = self._find("population.yaml")
        document = self._read(path) if path else None
        if document is None:
            return None
        declared = validate(document, PopulationDeclaration, document.data, ())
        if declared and not cross.check_types(document, ("fields",), declared.fields):
            return None
        return declared

    def _declaration(self, name: str, people: PopulationDeclaration) -> _Declared | None:
        path = self._find("registries", f"{name}.yaml") if _NAME.fullmatch(name) else None
        if path is None:
            known = self._known_registries()
            self.document.note(("registries", name), f"there is no registry declaration {name!r}",
                               f"a file registries/{name}.yaml beside the job, or one of: "
                               + " | ".join(known), name, did_you_mean(name, known))  # fmt: skip
            return None
        document = self._read(path)
        if document is None:
            return None
        before = len(document.problems)
        declaration = validate(document, RegistryDeclaration, document.data, ())
        if declaration is not None:
            if declaration.registry != name:
                document.note(("registry",), "the name is not that of the file", name,
                              declaration.registry, "rename one of them")  # fmt: skip
            cross.check_declaration(document, declaration, people.fields)
        return _Declared(document, declaration if len(document.problems) == before else None)

    def _known_registries(self) -> list[str]:
        roots = (self.folder, self.folder.parent, shipped("configs"))
        return sorted({file.stem for root in roots for file in root.glob("registries/*.yaml")})

    # --- one registry ---

    def _columns(self, where: KeyPath, section: Any, fields: cross.Fields) -> None:
        if isinstance(section, dict) and isinstance(section.get("columns"), dict):
            cross.check_columns(self.document, where, fields, section["columns"])

    def _registry(
        self, name: str, section: Any, people: PopulationDeclaration
    ) -> tuple[RegistryDeclaration, Path | None, Path | None] | None:
        declared = self._declaration(name, people)
        if declared is None or declared.declaration is None:
            return None
        where: KeyPath = ("registries", name)
        declaration = declared.declaration
        quiet = Document("", None)  # the job as a whole has noted what is wrong in this part
        fields, shared = declaration.fields, people.fields
        self._columns((*where, "columns"), section, fields)
        link = validate(quiet, LinkOverrides, _part(section, "link"), ())
        if link is not None:
            cross.check_link(self.document, (*where, "link"), fields, shared, link)
        rules = _part(section, "rules")
        cross.check_rules(self.document, (*where, "rules"), rules, declaration)
        job = validate(quiet, RegistryJob, section, ())
        if job is None:
            return None
        effective = merged(declaration, job)
        if effective.link.thresholds != declaration.link.thresholds:
            place = (*where, "link", "thresholds")
            cross.check_thresholds(self.document, place, effective.link.thresholds)
        return effective, self._model(name, declared, job), declared.document.path

    def _model(self, name: str, declared: _Declared, job: RegistryJob) -> Path | None:
        """The model's file: beside the file that names it, one up, or as shipped."""
        document, where = declared.document, ("link", "model")
        model = declared.declaration.link.model if declared.declaration else None
        place: KeyPath = where
        if job.link.model is not None:
            document, model, place = self.document, job.link.model, ("registries", name, *where)
        if model is None:
            return None
        folder = document.path.resolve().parent if document.path else self.folder
        places = [root / model for root in (folder, folder.parent, shipped("configs"))]
        for candidate in places:
            if candidate.is_file():
                return candidate
        document.note(place, "there is no such model file", "a JSON file of trained weights", model,
                      "train it, or leave the key out")  # fmt: skip
        return None


def _part(data: Any, *keys: str) -> dict[str, Any]:
    """A mapping inside data that may be malformed; {} if it is not there."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}
