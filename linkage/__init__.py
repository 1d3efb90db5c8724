"""Match agency registries against a population register and make cleanup lists.

Example:
    A job file in, lists out, in a notebook cell::

        import linkage

        result = linkage.run("configs/sample.yaml")
        result["sim"].junk_sims
        result["sim"].explain("TB0000123")

The names below are imported when they are first used, so that ``linkage --help`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linkage.config import check, json_schema, load_job
    from linkage.duplicates.golden import golden_records
    from linkage.errors import ConfigError, ContractError, LinkageError, SourceError
    from linkage.evaluation import evaluate
    from linkage.labelling.label import label_pairs
    from linkage.matching import match_within
    from linkage.quality.report import quality_report
    from linkage.result import RegistryResult, RunResult, open_run
    from linkage.runner import run
    from linkage.training import train_models
    from linkage.tuning.choose import Costs
    from linkage.tuning.tune import tune
    from linkage.updates.updating import update
    from linkage.verifying import Verified, Verifier, verify

_HOMES = {
    "ConfigError": "errors",
    "ContractError": "errors",
    "Costs": "tuning.choose",
    "LinkageError": "errors",
    "RegistryResult": "result",
    "RunResult": "result",
    "SourceError": "errors",
    "check": "config",
    "evaluate": "evaluation",
    "golden_records": "duplicates.golden",
    "json_schema": "config",
    "label_pairs": "labelling.label",
    "load_job": "config",
    "match_within": "matching",
    "open_run": "result",
    "quality_report": "quality.report",
    "run": "runner",
    "train_models": "training",
    "tune": "tuning.tune",
    "update": "updates.updating",
    "Verified": "verifying",
    "Verifier": "verifying",
    "verify": "verifying",
}

__all__ = [
    "ConfigError",
    "ContractError",
    "Costs",
    "LinkageError",
    "RegistryResult",
    "RunResult",
    "SourceError",
    "Verified",
    "Verifier",
    "check",
    "evaluate",
    "golden_records",
    "json_schema",
    "label_pairs",
    "load_job",
    "match_within",
    "open_run",
    "quality_report",
    "run",
    "train_models",
    "tune",
    "update",
    "verify",
]


def __getattr__(name: str) -> object:
    """Import a public name from its module on first use."""
    if name not in _HOMES:
        message = f"module 'linkage' has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f"linkage.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return __all__
