"""The second opinion: ECM on candidate pairs; a diagnosis, and doubt where a job asks for it."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from linkage.config.models import LinkDeclaration
from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import ConfigError
from linkage.link import LinkTables
from linkage.link.model import Model, comparisons_of
from linkage.second_opinion import (
    agreement,
    asked_for,
    disagreements,
    doubted,
    reviewed,
    second_opinion,
)
from tests.linkage.tables import PEOPLE, rows_by, run_literal

FIELDS = {"full_name": "person_name", "birth_date": "birth_date", "sex": "sex"}


def model() -> Model:
    """The best level of each comparison speaks for a pair, every other against it."""
    comparisons = comparisons_of(FIELDS)
    weights = {}
    for compared in comparisons:
        labels = [level.label for level in compared.comparison.levels if not level.is_null]
        weights[compared.name] = {
            label: (0.9, 0.1) if label == labels[0] else (0.1, 0.9) for label in labels
        }
    return Model(comparisons, weights, prior=0.001, source="literal", sha256="")


def best(field: str) -> int:
    compared = next(c for c in model().comparisons if c.name == field)
    return compared.gamma(next(lv.label for lv in compared.comparison.levels if not lv.is_null))


#: Full name, birth date and sex agree (1), differ (0) or are missing (-); how many pairs.
PATTERNS = {
    **{"111": 600, "110": 12, "101": 40, "011": 30, "100": 20, "001": 300, "000": 300},
    **{"010": 6, "1-1": 50, "0-0": 40, "--1": 5},
}


def candidates(patterns: dict[str, int]) -> pl.DataFrame:
    """Rows of the candidates table, pattern after pattern; each pair of its own record."""
    rows: list[dict[str, Any]] = []
    for pattern, count in patterns.items():
        levels = {
            f"gamma_{field}": {"1": best(field), "0": 0, "-": -1}[sign]
            for field, sign in zip(FIELDS, pattern, strict=True)
        }
        weight = 10.0 if pattern.count("1") > 1 else -10.0
        rows += [{"pattern": pattern, "match_weight": weight, **levels}] * count
    frame = pl.DataFrame(rows).with_row_index("idx_l").with_columns(idx_r=pl.col("idx_l") + 10_000)
    return frame.with_columns(pl.col("idx_l", "idx_r").cast(pl.Int64))


@pytest.fixture(scope="module")
def pairs() -> pl.DataFrame:
    return candidates(PATTERNS)


@pytest.fixture(scope="module")
def opinion(pairs: pl.DataFrame) -> pl.DataFrame:
    return second_opinion(pairs, model())


def by_pattern(pairs: pl.DataFrame, opinion: pl.DataFrame) -> dict[str, float | None]:
    joined = pairs.join(opinion, on=["idx_l", "idx_r"])
    return dict(joined.group_by("pattern").agg(pl.col("probability").first()).iter_rows())


def test_pairs_that_agree_are_likely_and_pairs_that_differ_are_not(
    pairs: pl.DataFrame, opinion: pl.DataFrame
) -> None:
    found = by_pattern(pairs, opinion)
    likely = {pattern for pattern, p in found.items() if p is not None and p > 0.5}
    assert {"111", "110", "101", "011"} <= likely
    assert not likely & {"000", "001", "0-0"}


def test_every_pair_is_answered_in_its_place(pairs: pl.DataFrame, opinion: pl.DataFrame) -> None:
    assert opinion.columns == ["idx_l", "idx_r", "probability"]
    assert opinion.select("idx_l", "idx_r").equals(pairs.select("idx_l", "idx_r"))


def test_a_missing_field_is_no_disagreement(pairs: pl.DataFrame, opinion: pl.DataFrame) -> None:
    found = by_pattern(pairs, opinion)
    assert found["1-1"] is not None
    assert found["101"] is not None
    assert found["1-1"] > found["101"]


def test_one_field_alone_is_no_basis_for_an_opinion(
    pairs: pl.DataFrame, opinion: pl.DataFrame
) -> None:
    assert by_pattern(pairs, opinion)["--1"] is None


def test_few_pairs_are_no_basis_for_an_opinion() -> None:
    few = candidates({"111": 20, "000": 20, "110": 3})
    assert second_opinion(few, model())["probability"].null_count() == 43


def test_pairs_that_are_all_alike_are_no_basis_for_an_opinion() -> None:
    alike = candidates({"111": 2_000})
    assert second_opinion(alike, model())["probability"].null_count() == 2_000


def test_the_order_of_the_pairs_does_not_matter(pairs: pl.DataFrame, opinion: pl.DataFrame) -> None:
    again = second_opinion(pairs.reverse(), model()).sort("idx_l")
    assert again["probability"].to_list() == pytest.approx(opinion["probability"].to_list())


def test_no_candidates_no_opinion(pairs: pl.DataFrame) -> None:
    assert second_opinion(pairs.clear(), model()).is_empty()


# --- diagnosis ------------------------------------------------------------------------------------


def test_the_agreement_table_counts_every_pair(pairs: pl.DataFrame, opinion: pl.DataFrame) -> None:
    table = agreement(pairs, opinion)
    assert table["pairs"].sum() == pairs.height
    assert table["share"].sum() == pytest.approx(1.0)
    assert ("yes", "yes") in table.select("ours", "ecm").rows()


def test_disagreements_name_records_and_levels_and_no_value(pairs: pl.DataFrame) -> None:
    told = pairs.select("idx_l", "idx_r").with_columns(
        probability=pl.when(pl.col("idx_l") == 3).then(0.001).otherwise(0.99)
    )
    keys = pl.Series([f"r{i}" for i in range(pairs.height)])
    found = disagreements(pairs.head(600), told, model(), keys, most=2)
    assert found.columns == ["record_id", "ours", "ecm", *FIELDS]
    assert found["record_id"][0] == "r3"
    assert found["full_name"][0] == "same name"


# --- what a job does with it ----------------------------------------------------------------------

DECISIONS = pl.DataFrame(
    {
        "idx": [0, 1, 2, 3],
        "link_status": ["linked", "linked", "review", "linked"],
        "person": [10, 11, None, 13],
        "decided_by": ["model", "exact:personal_id", "model", "model"],
        "reasons": [["ABOVE_THRESHOLD"], ["AGREES_EXACTLY"], ["LOW_MARGIN"], ["ABOVE_THRESHOLD"]],
    }
)
DOUBT = pl.DataFrame(
    {"idx_l": [0, 1, 2, 3], "idx_r": [10, 11, 12, 13], "probability": [0.01, 0.01, 0.01, None]}
)


def test_only_links_of_the_model_are_doubted_and_only_on_an_opinion() -> None:
    assert doubted(DECISIONS, DOUBT).to_list() == [0]


def test_another_candidate_of_the_record_does_not_make_the_link_doubtful() -> None:
    other = DOUBT.with_columns(idx_r=pl.lit(99, dtype=pl.Int64))
    assert doubted(DECISIONS, other).is_empty()


def test_a_doubted_link_goes_to_review(pairs: pl.DataFrame) -> None:
    differing = pairs.filter(pl.col("pattern") == "000").head(1)
    linked = pairs.filter(pl.col("pattern") == "111").head(1)
    decisions = pl.concat([linked, differing]).select(
        idx="idx_l",
        link_status=pl.lit("linked"),
        person="idx_r",
        decided_by=pl.lit("model"),
        reasons=pl.lit(["ABOVE_THRESHOLD"]),
    )
    tables = LinkTables("sim")
    with DuckDBEngine() as engine:
        engine.put(tables.candidates, pairs)
        engine.put(tables.decisions, decisions)
        reviewed(engine, tables, model())
        found = engine.frame(f'SELECT * FROM "{tables.decisions}" ORDER BY idx')
    assert found["link_status"].to_list() == ["linked", "review"]
    assert found["person"].to_list() == [linked["idx_r"][0], None]
    assert found["reasons"].to_list() == [["ABOVE_THRESHOLD"], ["SECOND_OPINION"]]


def test_a_job_does_not_ask_unless_it_says_so() -> None:
    assert not asked_for(LinkDeclaration())
    assert asked_for(LinkDeclaration(second_opinion="review"))


def test_a_run_that_asks_of_a_handful_of_records_decides_as_one_that_does_not() -> None:
    own = {key: PEOPLE[0][key] for key in ("full_name", "birth_date", "address")}
    rows = [{"record_id": "a", **own}, {"record_id": "b", "full_name": PEOPLE[1]["full_name"]}]
    silent = run_literal({"sim": rows})
    asking = run_literal({"sim": rows}, sim={"link": {"second_opinion": "review"}})
    assert rows_by(asking["sim"].records) == rows_by(silent["sim"].records)


def test_asked_for_and_not_installed_is_refused_with_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="pip install"):
        asked_for(LinkDeclaration(second_opinion="review"))
    assert not asked_for(LinkDeclaration())
