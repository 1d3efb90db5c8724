"""The README's job on the committed sample, compared with the truth."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import linkage
from linkage.contracts import REGISTRY_TABLES, case_table
from linkage.evaluation import Evaluation
from linkage.result import RunResult
from tests.pipeline.conftest import JOB, SAMPLE

REGISTRIES = ("driver_licence", "health_insurance", "vehicle", "sim")
FLOORS = {"driver_licence": 0.99, "health_insurance": 0.98, "vehicle": 0.90, "sim": 0.99}
"""Least F1 with shipped thresholds and no labels."""
LEAST_PRECISION = 0.998


@pytest.fixture(scope="module")
def evaluation(sample_run: RunResult) -> Evaluation:
    return linkage.evaluate(sample_run, SAMPLE / "truth")


def of(frame: pl.DataFrame, registry: str, column: str, **where: str) -> float:
    found = frame.filter(registry=registry, **where)[column]
    assert found.len() == 1
    return float(found[0])


@pytest.mark.parametrize("registry", REGISTRIES)
def test_f1_floor(evaluation: Evaluation, registry: str) -> None:
    assert of(evaluation.links, registry, "f1") >= FLOORS[registry]


@pytest.mark.parametrize("registry", REGISTRIES)
def test_precision_of_linked(evaluation: Evaluation, registry: str) -> None:
    assert of(evaluation.links, registry, "precision") >= LEAST_PRECISION


@pytest.mark.parametrize(
    ("rule", "precision", "recall"),
    [
        ("BORROWED_ID", 0.98, 0.95),
        ("CONSECUTIVE_BLOCK", 0.99, 0.95),
        ("HOLDER_DECEASED", 0.99, 0.95),
        ("NUMBER_OF_NOBODY", 0.97, 0.95),
        ("OVER_LIMIT", 0.99, 0.95),
    ],
)
def test_junk_sims_agree_with_the_truth(
    evaluation: Evaluation, rule: str, precision: float, recall: float
) -> None:
    assert of(evaluation.cases, "sim", "precision", rule=rule) >= precision
    assert of(evaluation.cases, "sim", "recall", rule=rule) >= recall


@pytest.mark.parametrize("registry", ["driver_licence", "health_insurance", "vehicle"])
def test_duplicates_agree_with_the_truth(evaluation: Evaluation, registry: str) -> None:
    whole = evaluation.groups.filter(pl.col("reason").is_null())
    assert of(whole, registry, "purity") >= 0.998
    assert of(whole, registry, "recall") >= 0.98


def test_no_automatic_lock_in_the_first_version(sample_run: RunResult) -> None:
    actions = {action for name in REGISTRIES for action in sample_run[name].cases["action"]}
    assert actions <= {"ask", "notify", "verify"}


def test_a_farm_victims_own_numbers_are_asked_about_at_most(sample_run: RunResult) -> None:
    protected = sample_run["sim"].junk_sims.filter(pl.col("protected").list.len() > 0)
    assert protected.height > 0
    assert set(protected["action"]) == {"ask"}


def test_foreigners_with_a_passport_are_not_taken_for_nobody(sample_run: RunResult) -> None:
    foreign = pl.read_parquet(SAMPLE / "truth" / "sim.parquet").filter(kind="foreigner")
    nobody = sample_run["sim"].junk_sims.filter(pl.col("reasons").list.contains("NUMBER_OF_NOBODY"))
    assert foreign.height > 0
    assert foreign.join(nobody, on="record_id").height == 0


@pytest.mark.parametrize("registry", REGISTRIES)
def test_every_row_has_one_disposition_in_the_order_of_the_source(
    sample_run: RunResult, registry: str
) -> None:
    records = sample_run[registry].records
    truth = pl.read_parquet(SAMPLE / "truth" / f"{registry}.parquet")
    assert records["row"].to_list() == list(range(1, truth.height + 1))
    assert records["record_id"].equals(truth["record_id"])


@pytest.mark.parametrize("registry", REGISTRIES)
def test_every_list_in_the_folder_keeps_the_contract(sample_run: RunResult, registry: str) -> None:
    assert sample_run.path is not None
    for table in (*REGISTRY_TABLES, case_table(registry)):
        path = sample_run.path / registry / f"{table.name}.parquet"
        table.check(pl.read_parquet(path))
        assert pl.read_parquet_metadata(path)["schema_version"] == "1"


def test_only_the_contracts_files_are_written(sample_run: RunResult) -> None:
    assert sample_run.path is not None
    lists = {table.name for table in REGISTRY_TABLES}
    expected = {"manifest.json", "report.html", "population_issues.parquet"}
    for name in REGISTRIES:
        expected |= {f"{name}/{one}.parquet" for one in lists | {case_table(name).name}}
    found = {str(p.relative_to(sample_run.path)) for p in sample_run.path.rglob("*") if p.is_file()}
    assert found == expected


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_output_is_private_to_its_owner(sample_run: RunResult) -> None:
    assert sample_run.path is not None
    modes = {stat.S_IMODE(path.stat().st_mode) for path in sample_run.path.rglob("*")}
    assert modes <= {0o600, 0o700}


def test_the_folder_reads_back_as_the_result(sample_run: RunResult) -> None:
    assert sample_run.path is not None
    again = linkage.open_run(sample_run.path)
    assert_frame_equal(again.summary, sample_run.summary)
    assert_frame_equal(again["sim"].junk_sims, sample_run["sim"].junk_sims)


def test_manifest_tells_rows_in_and_out_of_every_step(sample_run: RunResult) -> None:
    steps = [s for s in sample_run.manifest["steps"] if s["registry"] == "sim"]
    assert [s["step"] for s in steps] == ["read", "clean", "link", "measure", "decide", "flag"]
    assert all(s["rows_in"] >= s["rows_out"] >= 0 and s["seconds"] >= 0 for s in steps)


def test_manifest_says_what_was_read_and_how_sure_the_links_are(sample_run: RunResult) -> None:
    assert sample_run.path is not None
    manifest = json.loads((sample_run.path / "manifest.json").read_text(encoding="utf-8"))
    entry = manifest["registries"]["sim"]
    assert len(entry["source"]["content_hash"]) == 64
    assert entry["source"]["rows"] == sample_run["sim"].records.height
    wrong = entry["expected_wrong_links"]
    assert 0 <= wrong["low"] <= wrong["per_10k"] <= wrong["high"]


@pytest.mark.parametrize("registry", REGISTRIES)
def test_links_are_tried_without_numbers_for_the_bound_on_harm(
    sample_run: RunResult, registry: str
) -> None:
    entry = sample_run.manifest["registries"][registry]
    measured = entry["measured_wrong_links"]["without_number"]
    assert 3_000 < measured["tried"] <= 5_000
    assert 0 <= measured["low"] <= measured["per_10k"] <= measured["high"] < 1_000
    proposed = entry["harm"]["corrections"]["all"]
    assert proposed["source"] in ("probabilities", "measured")


def test_report_asks_nothing_of_the_outside(sample_run: RunResult) -> None:
    assert sample_run.path is not None
    page = (sample_run.path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page


def test_no_log_line_holds_a_name_or_number(
    sample_run: RunResult, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        linkage.run(JOB, registries=["vehicle"], write=False)
    people = pl.read_parquet(SAMPLE / "population.parquet", columns=["so_dinh_danh", "ho_ten"])
    text = caplog.text
    assert not [name for name in people["ho_ten"].unique().to_list() if name in text]
    assert not [number for number in people["so_dinh_danh"].to_list() if number in text]


def test_an_exact_link_is_explained_with_the_models_weights(sample_run: RunResult) -> None:
    records = sample_run["sim"].records
    settled = records.filter(pl.col("decided_by").str.starts_with("exact:"))["record_id"][0]
    explanation = sample_run["sim"].explain(settled)
    assert explanation.candidates["person_id"][0] == explanation.disposition["person_id"]
    own = explanation.fields.filter(rank=1)
    total = explanation.prior_weight + own["weight"].sum()
    born = own.filter(field="birth_date")["candidate"].item()[:4]
    bits = sample_run.manifest["registries"]["sim"]["model"]["bits_of_holders"]
    of_the_age = [bits[f"{born} {sex}"] for sex in ("male", "female")]
    extra = explanation.candidates["match_weight"][0] - total
    assert min(abs(extra - own_bits) for own_bits in of_the_age) < 1e-4


def test_masked_csv_shows_no_whole_number(tmp_path: Path) -> None:
    job = JOB.read_text(encoding="utf-8").replace("../", f"{JOB.parents[1]}/")
    path = tmp_path / "masked.yaml"
    path.write_text(job.replace("formats: [parquet]", "formats: [csv], mask: true"))
    linkage.run(path, registries=["vehicle"], out=tmp_path / "out")
    people = set(pl.read_parquet(SAMPLE / "population.parquet")["so_dinh_danh"])
    written = "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "out").rglob("*.csv"))
    assert not people & set(re.findall(r"\d{12}", written))
