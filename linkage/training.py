"""Train a job's models: weights of each registry, written as model files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from linkage.config import Job, load_job
from linkage.deciding import decide_and_learn
from linkage.errors import ConfigError
from linkage.link import LinkTables
from linkage.link.model import MODEL_VERSION, Model, comparisons_of, prior_of
from linkage.link.registry import AllByModel
from linkage.link.train import Trained, train
from linkage.manifest import versions
from linkage.pipeline import linking_order
from linkage.progress import Progress, quiet
from linkage.session import Session, check_sources, registries_of


def train_models(
    config: Path | str | Mapping[str, Any] | Job,
    *,
    registries: Iterable[str] | None = None,
    sources: Mapping[str, object] | None = None,
    seed: int = 1,
    allow_unseen: bool = False,
    progress: Progress = quiet,
) -> dict[str, Trained]:
    """Train the weights of a job's registries on all their records.

    Args:
        config: a job file, the same as a mapping, or a job already loaded.
        registries: which registries; all by default.
        sources: frames to read in place of files.
        seed: which pairs are sampled. The same input and seed give the same weights.
        allow_unseen: take the least that is declared for a level that no pair of one person showed,
            instead of stopping; the model file lists these levels.
        progress: called with a label as each registry begins.

    Returns:
        Registry to trained weights.

    Raises:
        ConfigError: a level was never seen, so that its weight would be a guess; nothing is
            returned.
    """
    job = config if isinstance(config, Job) else load_job(config)
    check_sources(job, sources or {})
    trained = {}
    with Session(job, dict(sources or {}), progress) as session:
        names = registries_of(job, registries)
        for name in linking_order(session, names):
            progress(f"{name}: training")
            trained[name] = _train(session, name, seed)
    if not allow_unseen:
        _refuse_unseen(trained)
    return {name: trained[name] for name in names}


def _refuse_unseen(trained: Mapping[str, Trained]) -> None:
    unseen = [f"{name}: {level}" for name, one in trained.items() for level in one.unseen]
    if unseen:
        message = f"{len(unseen)} levels were never seen on records of one person"
        raise ConfigError(
            message,
            expected="every level of every comparison on at least one expected true pair",
            found="; ".join(unseen),
            hint="train on more records, or --allow-unseen: these levels then take the least that"
            " is declared for them, and the model file lists them",
        )


def _train(session: Session, name: str, seed: int) -> Trained:
    tables = LinkTables(name)
    declaration = session.job.registries[name]
    pairing = session.pairing(declaration)
    model = Model(
        comparisons_of(pairing.compared), {}, prior_of(session.population.size), "training", ""
    )
    cleaned = session.clean(name, session.read(name).rows)
    session.load_records(name, cleaned, tables, pairing)
    rules = AllByModel.of(declaration.link).block
    result = train(session.engine, tables, model, pairing, session.population, rules, seed=seed)
    # The next registries are trained with what this one's sure links show, as a run links them.
    linked = replace(model, weights=result.weights)
    linked = session.link(name, cleaned, tables, pairing, linked).model
    decide_and_learn(session, name, tables, pairing, linked)
    session.engine.drop(*tables.all)
    return result


def write_models(trained: Mapping[str, Trained], folder: Path, *, note: str = "") -> list[Path]:
    """Write one model file per registry, and the default model for any other.

    Args:
        trained: as :func:`train_models` returns it.
        folder: where to; made if it does not exist.
        note: what the records were, for the provenance.

    Returns:
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, weights in trained.items():
        content = weights.content(name)
        content["provenance"] |= {"data": note, "versions": versions()}
        written.append(folder / f"{name}.json")
        written[-1].write_text(_json(content), encoding="utf-8")
    written.append(folder / "default.json")
    written[-1].write_text(_default_model(trained, note), encoding="utf-8")
    return written


def _default_model(trained: Mapping[str, Trained], note: str) -> str:
    """Weights by comparison instead of by field, each from the largest registry that has it."""
    weights: dict[str, Any] = {}
    largest_first = sorted(trained.items(), key=lambda item: -item[1].provenance["records"])
    for name, result in largest_first:
        levels = result.content(name)["weights"]
        for compared in result.comparisons:
            weights.setdefault(compared.comparison.name, levels[compared.name])
    return _json(
        {
            "model_version": MODEL_VERSION,
            "registry": "any",
            "provenance": {"data": note, "versions": versions()},
            "weights": weights,
        }
    )


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
