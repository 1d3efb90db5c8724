"""Plain Splink 5, as its documentation would have a competent user set it up.

Library comparisons where there are any, term frequencies on names, u from a large sample without
early stopping, m from EM on several blocks with u fixed, several blocking rules, the best person of
each record; ties are dropped, as ``cluster_using_single_best_links(ties_method="drop")`` would.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from benchmarks.side_by_side import data
from benchmarks.side_by_side.decisions import Decided

LEAST_WEIGHT: Final = -10.0
RANDOM_PAIRS: Final = 5_000_000


def run(folder: Path, registry: str) -> Decided:
    """Link one registry."""
    began = time.perf_counter()
    records, people = data.normalised_registry(folder, registry), data.normalised_people(folder)
    with (
        duckdb.connect(config={"memory_limit": "12GB"}) as connection,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        best, _ = linked(connection, records, people.to_arrow())
    return Decided(records["id"], best, time.perf_counter() - began)


def linked(
    connection: duckdb.DuckDBPyConnection,
    records: pl.DataFrame,
    people: Any,
    *,
    many: bool = False,
    ended: Callable[[str], None] = lambda step: None,
) -> tuple[pl.DataFrame, int]:
    """Train, score and pick: the best person of each record, and how many pairs were scored.

    Args:
        connection: where Splink works.
        records: normalised, see :mod:`~benchmarks.side_by_side.data`.
        people: the register, normalised, as anything that Splink takes.
        many: whether people are so many that the house alone, which is good below 100,000, makes
            hundreds of pairs a record, and a name tens; who counts before blocking leaves them out.
        ended: told the name of each step at its end.
    """
    born, known_sex = (records[column].null_count() < len(records) for column in ("dob", "sex"))
    rules = _rules(born=born, many=many)
    linker = _linker(connection, records, people, rules, born=born, known_sex=known_sex)
    _train(linker, born=born)
    ended("train")
    pairs = linker.inference.compute_blocked_pairs_for_predict()  # predict() finds it
    count = connection.sql(f"SELECT count(*) FROM {pairs.physical_name}").fetchall()[0][0]
    ended("block")
    scored = linker.inference.predict(threshold_match_weight=LEAST_WEIGHT)
    ended("score")
    best = connection.sql(_best(scored.physical_name)).pl()
    ended("pick")
    return best, count


def _linker(
    connection: duckdb.DuckDBPyConnection,
    records: pl.DataFrame,
    people: Any,
    rules: list[Any],
    *,
    born: bool,
    known_sex: bool,
) -> Linker:
    api = DuckDBAPI(connection)
    tables = [
        api.register(table, dataset_display_name=name)
        for name, table in (("a_records", records.to_arrow()), ("b_people", people))
    ]
    comparisons = [_name(), _number(), _address()]
    if born:
        comparisons.append(_birth())
    if known_sex:
        comparisons.append(cl.ExactMatch("sex"))
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="id",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=False,
    )
    return Linker(tables, settings, log_level=logging.ERROR)


def _rules(*, born: bool, many: bool) -> list[Any]:
    """Blocks. Of many people who are known by birth date those that make most pairs are left out.

    At a million people and 437,000 licences, name and province make 11.1 million pairs, birth date and
    family name 3.1 and house and given name 2.3; the others find 99.95 % of the pairs that are right.
    """
    rules = [
        block_on("pid"),
        block_on("cmnds", arrays_to_explode=["cmnds"]),
        block_on("substr(pid, 1, 8)", "given"),
        block_on("substr(pid, 5, 8)", "given"),
        block_on("given", "family", "ward", "province"),
    ]
    if born:
        rules += [block_on("dob", "given"), block_on("folded", "year")]
    if not (born and many):
        house = ["detail", "province", "given"] if many else ["detail", "province"]
        rules += [block_on("folded", "province"), block_on(*house)]
    if born and not many:
        rules += [block_on("dob", "family")]
    return rules


def _train(linker: Linker, *, born: bool) -> None:
    """λ from sure rules, u from random pairs, m from EM on what is left free by each block."""
    sure: list[Any] = [block_on("pid"), block_on("cmnds", "folded", arrays_to_explode=["cmnds"])]
    sure.append(block_on("folded", "dob") if born else block_on("folded", "address"))
    training = linker.training
    training.estimate_probability_two_random_records_match(sure, recall=0.9)
    training.estimate_u_using_random_sampling(RANDOM_PAIRS, seed=1, min_count_per_level=None)
    blocks = [block_on("pid"), block_on("folded", "dob" if born else "province")]
    for block in [*blocks, *([block_on("dob", "given")] if born else [block_on("address")])]:
        training.estimate_parameters_using_expectation_maximisation(block)


def _name() -> Any:
    return cl.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            cll.NullLevel("folded"),
            cll.ExactMatchLevel("name", term_frequency_adjustments=True),
            cll.ExactMatchLevel("folded", term_frequency_adjustments=True),
            cll.JaroWinklerLevel("folded", 0.95),
            cll.JaroWinklerLevel("folded", 0.88),
            cll.And(cll.ExactMatchLevel("given"), cll.ExactMatchLevel("family")),
            cll.ExactMatchLevel("given"),
            cll.ElseLevel(),
        ],
    )


def _number() -> Any:
    old = cll.CustomLevel("list_has_any(cmnds_l, cmnds_r)", "same old number")
    absent = "(pid_l IS NULL OR pid_r IS NULL) AND (len(cmnds_l) = 0 OR len(cmnds_r) = 0)"
    return cl.CustomComparison(
        output_column_name="number",
        comparison_levels=[
            cll.CustomLevel(absent, "no number").configure(is_null_level=True),
            cll.ExactMatchLevel("pid"),
            old,
            cll.LevenshteinLevel("pid", 1),
            cll.LevenshteinLevel("pid", 2),
            cll.CustomLevel("pid_l IS NULL", "another old number"),
            cll.ElseLevel(),
        ],
    )


def _birth() -> Any:
    whole = "dob_l IS NOT NULL AND dob_r IS NOT NULL"
    swapped = (
        f"{whole} AND year_l = year_r AND dob_l[6:7] = dob_r[9:10] AND dob_l[9:10] = dob_r[6:7]"
    )
    return cl.CustomComparison(
        output_column_name="birth",
        comparison_levels=[
            cll.NullLevel("year"),
            cll.ExactMatchLevel("dob", term_frequency_adjustments=True),
            cll.CustomLevel(swapped, "day and month exchanged"),
            cll.LevenshteinLevel("dob", 1),
            cll.And(cll.ExactMatchLevel("year"), cll.CustomLevel(f"NOT ({whole})", "year only")),
            cll.ExactMatchLevel("year"),
            cll.ElseLevel(),
        ],
    )


def _address() -> Any:
    same_province = cll.ExactMatchLevel("province")
    return cl.CustomComparison(
        output_column_name="address",
        comparison_levels=[
            cll.NullLevel("address"),
            cll.ExactMatchLevel("address"),
            cll.And(cll.ExactMatchLevel("detail"), cll.ExactMatchLevel("ward"), same_province),
            cll.JaroWinklerLevel("address", 0.92),
            cll.And(cll.ExactMatchLevel("detail"), same_province),
            cll.And(cll.ExactMatchLevel("ward"), same_province),
            cll.ExactMatchLevel("detail"),
            same_province,
            cll.ElseLevel(),
        ],
    )


def _best(scored: str) -> str:
    """The best person of each record; null where two are equally good."""
    return f"""
        SELECT id_l AS id, max(match_probability) AS score,
            CASE WHEN count(DISTINCT id_r) = 1 THEN min(id_r) END AS person_id
        FROM (FROM {scored} QUALIFY match_weight = max(match_weight) OVER (PARTITION BY id_l))
        GROUP BY id_l
    """
