"""Match weights: from a model file and a declaration to Splink settings.

A model file holds nothing but m and u probabilities by comparison and level, with provenance; the
conditions live in code (:mod:`linkage.link.comparisons`), so that a model cannot smuggle in SQL and a
file that does not fit the code is refused instead of being scored wrongly.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from linkage.columns import INDEX, part
from linkage.errors import ConfigError
from linkage.link.comparisons import COMPARISONS, ELSE, Comparison, Level

MODEL_VERSION: Final = 1

SHARE: Final = 0.9
"""Share of holders expected in the register before a registry has been looked at."""

Weights = Mapping[str, Mapping[str, tuple[float, float]]]
"""Comparison to level label to (m, u)."""


@dataclass(frozen=True)
class FieldComparison:
    """A comparison applied to one field: ``full_name`` with its names and with its tone marks."""

    field: str
    comparison: Comparison
    first: bool

    @property
    def name(self) -> str:
        """Column name in Splink's output, and the key in a model file."""
        if self.first:
            return self.field
        return f"{self.field}_{self.comparison.name.rsplit('_', 1)[-1]}"

    def sql(self, level: Level) -> str:
        """Condition of a level with the field filled in."""
        return level.sql.replace("{f}", self.field)

    @property
    def scored(self) -> tuple[Level, ...]:
        """Levels that carry a weight, best first."""
        return tuple(level for level in self.comparison.levels if not level.is_null)

    @property
    def missing(self) -> Level:
        """The level of pairs that have nothing to compare."""
        return next(level for level in self.comparison.levels if level.is_null)

    @property
    def best(self) -> Level:
        """The level of full agreement."""
        return self.scored[0]

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the scored levels by Splink's number: 0 is the last, upwards to the best.

        Example:
            >>> comparisons_of({"gender": "sex"})[0].labels
            ('differ', 'same')
        """
        return tuple(level.label for level in reversed(self.scored))

    @property
    def by_frequency(self) -> bool:
        """Whether the frequency of a value adjusts the weight of a level."""
        return any(level.frequency for level in self.comparison.levels)

    def gamma(self, label: str) -> int:
        """Splink's number of a scored level: its place in :attr:`labels`."""
        return self.labels.index(label)

    def number_sql(self) -> str:
        """SQL for the number of a pair's level as Splink gives it; -1 for nothing to compare.

        The pair's features are columns suffixed ``_l`` and ``_r``.
        """
        cases = " ".join(
            f"WHEN {self.sql(level)} THEN {-1 if level.is_null else self.gamma(level.label)}"
            for level in self.comparison.levels
            if level.sql != ELSE.sql
        )
        return f"CASE {cases} ELSE 0 END"


def comparisons_of(fields: Mapping[str, str]) -> tuple[FieldComparison, ...]:
    """The comparisons of a set of fields.

    Args:
        fields: canonical field name to the name of its comparison.
    """
    return tuple(
        FieldComparison(field, comparison, position == 0)
        for field, name in fields.items()
        for position, comparison in enumerate(COMPARISONS[name])
    )


@dataclass(frozen=True)
class Model:
    """Trained weights for the fields that one registry shares with the population.

    Attributes:
        comparisons: what is compared.
        weights: m and u by comparison name and level label.
        prior: probability that a random record and a random person are the same.
        source: file name and hash of the weights, for the manifest.
        number_m: m of the number's levels by group of records, where a run has adapted it
            (:mod:`linkage.link.number_groups`).
        holder_bits: year of birth and sex (``1990 female``) to what
            they add to the prior, where a run has learnt who holds such records.
    """

    comparisons: tuple[FieldComparison, ...]
    weights: Weights
    prior: float
    source: str
    sha256: str
    number_m: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    holder_bits: Mapping[str, float] = field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        """Splink settings with every level's m and u filled in."""
        return {
            "link_type": "link_only",
            "unique_id_column_name": INDEX,
            "probability_two_random_records_match": self.prior,
            "retain_matching_columns": True,  # the levels (gamma_*) come only with them
            "retain_intermediate_calculation_columns": True,
            "blocking_rules_to_generate_predictions": [],
            "comparisons": [
                {
                    "output_column_name": compared.name,
                    "comparison_levels": [
                        level_settings(compared, level, self.weights.get(compared.name, {}))
                        for level in compared.comparison.levels
                    ],
                }
                for compared in self.comparisons
            ],
        }

    def compared(self, kind: str) -> FieldComparison | None:
        """The comparison of that kind (``person_name``, …), if the registry has such a field."""
        return next((c for c in self.comparisons if c.comparison.name == kind), None)

    def features(self) -> tuple[str, ...]:
        """Columns that the comparisons read, of records and people alike."""
        return tuple(
            dict.fromkeys(
                part(compared.field, feature)
                for compared in self.comparisons
                for feature in compared.comparison.features
            )
        )

    def frequencies(self) -> tuple[str, ...]:
        """Features whose frequency in the population adjusts a weight."""
        return tuple(
            dict.fromkeys(
                part(compared.field, level.frequency)
                for compared in self.comparisons
                for level in compared.comparison.levels
                if level.frequency
            )
        )

    def with_m(self, m: Mapping[str, Mapping[str, float]]) -> Model:
        """The same comparisons, u and prior with other m; levels that it does not name keep theirs.

        Args:
            m: comparison name to level label to probability.
        """
        weights = {
            name: {label: (m.get(name, {}).get(label, old), u) for label, (old, u) in ls.items()}
            for name, ls in self.weights.items()
        }
        return replace(self, weights=weights)

    @property
    def m(self) -> dict[str, dict[str, float]]:
        """M by comparison name and level label."""
        return {
            name: {label: m for label, (m, _) in ls.items()} for name, ls in self.weights.items()
        }

    @property
    def prior_weight(self) -> float:
        """Match weight before anything is compared."""
        return math.log2(self.prior / (1 - self.prior))

    def agreement_weight(self, field: str) -> float:
        """Match weight of full agreement on a field, without term frequencies."""
        return sum(
            self._best_weight(compared) for compared in self.comparisons if compared.field == field
        )

    def _best_weight(self, compared: FieldComparison) -> float:
        m, u = self.weights[compared.name][compared.best.label]
        return math.log2(m / u)


def level_settings(
    compared: FieldComparison, level: Level, weights: Mapping[str, tuple[float, float]]
) -> dict[str, Any]:
    """One comparison level as Splink writes it."""
    settings: dict[str, Any] = {
        "sql_condition": compared.sql(level),
        "label_for_charts": level.label,
    }
    if level.is_null:
        return {**settings, "is_null_level": True}
    if level.label in weights:
        settings["m_probability"], settings["u_probability"] = weights[level.label]
    if level.frequency:
        settings["tf_adjustment_column"] = part(compared.field, level.frequency)
        settings["disable_tf_exact_match_detection"] = level.own_frequency
    return settings


def prior_of(people: int) -> float:
    """Probability that a random record and a random person are the same.

    Args:
        people: size of the population register.

    Example:
        >>> prior_of(90)
        0.01
    """
    return min(SHARE / max(people, 1), 0.5)


def load_model(path: Path, default: Path, fields: Mapping[str, str], people: int) -> Model:
    """Read the weights of a registry.

    Args:
        path: the registry's own model file, which must know every field that is compared; or the
            default itself.
        default: the model file that has weights for every comparison, by comparison name.
        fields: canonical field name to comparison name.
        people: size of the population register; the prior follows it.

    Raises:
        ConfigError: if a file is not a model, or a level that the code knows has no weights.
    """
    comparisons = comparisons_of(fields)
    own, fallback = _read(path), _read(default)
    weights: dict[str, dict[str, tuple[float, float]]] = {}
    for compared in comparisons:
        if path == default:
            found = fallback.get(compared.comparison.name) or {}
        else:
            found = own.get(compared.name) or {}
        weights[compared.name] = dict(_levels(path, compared, found))
    return Model(
        comparisons=comparisons,
        weights=weights,
        prior=prior_of(people),
        source=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _levels(
    path: Path, compared: FieldComparison, found: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[float, float]]]:
    for level in compared.scored:
        pair = found.get(level.label)
        if not isinstance(pair, Mapping) or not {"m", "u"} <= set(pair):
            message = f"{path.name}: no weights for '{compared.name}', level '{level.label}'"
            raise ConfigError(
                message,
                expected="m and u for every level that the toolkit compares",
                found=f"levels {', '.join(sorted(found)) or 'none'}",
                hint="train the model again with this version: linkage train CONFIG",
            )
        m, u = pair["m"], pair["u"]
        if not all(isinstance(p, int | float) and 0 < p <= 1 for p in (m, u)):
            message = f"{path.name}: weights of '{compared.name}', level '{level.label}'"
            raise ConfigError(
                message,
                expected="m and u above 0 and up to 1",
                found="other values",
                hint="train the model again: linkage train CONFIG",
            )
        yield level.label, (float(m), float(u))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"the model file {path.name} cannot be read"
        raise ConfigError(
            message,
            expected="a JSON file written by linkage train",
            found=type(error).__name__,
            hint="check 'link: model:' in the registry declaration",
        ) from error
    if not isinstance(content, dict) or content.get("model_version") != MODEL_VERSION:
        message = f"{path.name} is not a model of this version"
        raise ConfigError(
            message,
            expected=f"model_version {MODEL_VERSION}",
            found=str(content.get("model_version")) if isinstance(content, dict) else "no object",
            hint="train the model again: linkage train CONFIG",
        )
    weights = content.get("weights", {})
    return weights if isinstance(weights, dict) else {}
