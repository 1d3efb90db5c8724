"""The trained model as one SQL expression: Splink's match weight, without Splink's cost per call.

Splink trains, and its ``predict`` is the reference: the weights here are the same to the last bit but
rounding, which a test shows on every shipped registry. What it saves is what Splink must do to be
general: all columns of both sides written out beside each pair, and joins on text keys.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Final

from linkage.columns import INDEX, part
from linkage.link.comparisons import Level
from linkage.link.model import FieldComparison, Model
from linkage.link.shortcuts import Shortcuts

WEIGHT: Final = "match_weight"


def side_sql(
    model: Model,
    table: str,
    frequencies: Mapping[str, str],
    which: str = "true",
    *,
    lists: Collection[str],
) -> str:
    """SQL for one side of the pairs: its features, with the frequencies of their values.

    To be made a table before :func:`scored_sql` reads it: a join over it is planned by its size.

    Args:
        model: says which features are compared.
        table: features of records, or of people.
        frequencies: feature to the table of its frequencies among people.
        which: condition on the rows (alias ``s``).
        lists: features that hold lists.
    """
    short = Shortcuts.of(model, lists)
    columns = ", ".join(
        (
            f"s.{INDEX}",
            *(c for name in model.features() for c in short.side(name, is_list=name in lists)),
        )
    )
    shares = "".join(
        f", t{n}.{_tf(feature)} AS {_tf(feature)}" for n, feature in enumerate(frequencies)
    )
    joins = "".join(
        f' LEFT JOIN "{lookup}" t{n} ON t{n}."{feature}" = s."{feature}"'
        for n, (feature, lookup) in enumerate(frequencies.items())
    )
    return f'SELECT {columns}{shares} FROM "{table}" s{joins} WHERE {which}'


def scored_sql(
    model: Model, records: str, people: str, pairs: str, *, lists: Collection[str]
) -> str:
    """SQL that scores pairs.

    Args:
        model: comparisons and weights.
        records: table of the records as :func:`side_sql` gives them.
        people: table of the people, likewise.
        pairs: table ``idx_l, idx_r``.
        lists: features that hold lists, as both sides were made with.

    Returns:
        A query for ``idx_l, idx_r, match_weight`` and of every comparison the weight ``w_<name>`` it
        adds, its frequency included, and the level ``gamma_<name>``.
    """
    names = [compared.name for compared in model.comparisons]
    terms = [
        f'"mw_{compared.name}"' + (f' + "tf_{compared.name}"' if compared.by_frequency else "")
        for compared in model.comparisons
    ]
    weights = "".join(f', {term} AS "w_{name}"' for name, term in zip(names, terms, strict=True))
    gammas = "".join(f', "gamma_{name}"' for name in names)
    return (
        f"SELECT idx_l, idx_r, {' + '.join([repr(model.prior_weight), *terms])} AS {WEIGHT}"
        f"{weights}{gammas} FROM ({_weighed(model)}"
        f" FROM ({_compared(model, records, people, pairs, Shortcuts.of(model, lists))}))"
    )


def _weighed(model: Model) -> str:
    """Weights and adjustments of every comparison, over levels and frequencies."""
    columns = ["SELECT idx_l, idx_r"]
    for compared in model.comparisons:
        columns.append(f'"gamma_{compared.name}"')
        columns.append(f'{_weight(model, compared)} AS "mw_{compared.name}"')
        if compared.by_frequency:
            columns.append(f'{_adjustment(model, compared)} AS "tf_{compared.name}"')
    return ", ".join(columns)


def _compared(model: Model, records: str, people: str, pairs: str, short: Shortcuts) -> str:
    """The level of every comparison of each pair, and the frequencies of both sides."""
    sides = ("l", "r")
    both = "".join(
        f', {side}."{column}" AS "{column}_{side}"'
        for feature in model.features()
        for column in short.named(feature)
        for side in sides
    )
    shares = [_share(feature, side) for feature in model.frequencies() for side in sides]
    tf = "".join(f", {side}.{_tf(feature)} AS {name}" for feature, side, name in shares)
    kept = "".join(f", {name}" for _, _, name in shares)
    levels = ", ".join(
        f'{short.condition(c.number_sql())} AS "gamma_{c.name}"' for c in model.comparisons
    )
    return (
        f"SELECT idx_l, idx_r{kept}, {levels} FROM (SELECT idx_l, idx_r{both}{tf}"
        f' FROM "{pairs}" JOIN "{records}" l ON l.{INDEX} = idx_l'
        f' JOIN "{people}" r ON r.{INDEX} = idx_r)'
    )


def _tf(feature: str) -> str:
    return f'"tf_{feature}"'


def _share(feature: str, side: str) -> tuple[str, str, str]:
    return feature, side, f'"tf_{feature}_{side}"'


def _weight(model: Model, compared: FieldComparison) -> str:
    """SQL for log2(m / u) of a comparison's level."""
    found = model.weights[compared.name]
    cases = " ".join(
        f"WHEN {compared.gamma(label)} THEN {math.log2(found[label][0] / found[label][1])!r}"
        for label in compared.labels
    )
    return f'CASE "gamma_{compared.name}" {cases} ELSE 0.0 END::DOUBLE'


def _adjustment(model: Model, compared: FieldComparison) -> str:
    """SQL for the bits that the frequency of the value adds: a rare one says more.

    The commoner of the two values counts; one that the register does not know takes the other's.
    """
    cases = []
    for level in compared.scored:
        if level.frequency:
            left, right = (
                _share(part(compared.field, level.frequency), side)[2] for side in ("l", "r")
            )
            expected = math.log2(_expected(model, compared, level))
            commoner = f"greatest(coalesce({left}, {right}), coalesce({right}, {left}))"
            cases.append(
                f"WHEN {compared.gamma(level.label)}"
                f" THEN coalesce({expected!r} - log2({commoner}), 0.0)"
            )
    return f'CASE "gamma_{compared.name}" {" ".join(cases)} ELSE 0.0 END::DOUBLE'


def _expected(model: Model, compared: FieldComparison, level: Level) -> float:
    """The chance of agreeing by accident that a frequency is measured against: Splink's choice.

    The level's own where the frequency is that of the level; else that of exact agreement on the
    feature.
    """
    if not level.own_frequency:
        equal = f'"{{f}}__{level.frequency}_l" = "{{f}}__{level.frequency}_r"'
        for other in compared.scored:
            if other.sql == equal:
                return model.weights[compared.name][other.label][1]
    return model.weights[compared.name][level.label][1]
