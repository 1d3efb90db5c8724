"""Training end to end: weights from records alone, written, read back and used."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import linkage
from linkage.link.train import Trained
from linkage.training import write_models
from tests.pipeline.conftest import JOB, SAMPLE

pytestmark = [pytest.mark.slow, pytest.mark.long]


def vehicles() -> pl.DataFrame:
    return pl.read_csv(SAMPLE / "vehicles.csv", infer_schema=False).head(1500)


def train() -> Trained:
    frames = {"vehicle": vehicles()}
    found = linkage.train_models(
        JOB, registries=["vehicle"], sources=frames, seed=4, allow_unseen=True
    )
    return found["vehicle"]


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train()


def test_the_same_records_and_seed_give_the_same_weights(trained: Trained) -> None:
    again = train()
    for comparison, levels in trained.weights.items():
        for level, (m, u) in levels.items():
            assert again.weights[comparison][level] == pytest.approx((m, u), rel=1e-6)


def test_agreement_speaks_for_a_link_and_difference_against_it(trained: Trained) -> None:
    for comparison, best, worst in (
        ("full_name", "same name", "differ"),
        ("personal_id", "same number", "differ"),
        ("address", "same ward", "differ"),
    ):
        levels = trained.weights[comparison]
        assert levels[best][0] > levels[best][1]
        assert levels[worst][0] < levels[worst][1]


def test_m_of_a_comparison_adds_up_to_one(trained: Trained) -> None:
    for levels in trained.weights.values():
        assert sum(m for m, _ in levels.values()) == pytest.approx(1.0)


def test_written_weights_are_used_by_a_job_that_names_them(
    trained: Trained, tmp_path: Path
) -> None:
    paths = write_models({"vehicle": trained}, tmp_path / "models", note="a test")
    assert [path.name for path in paths] == ["vehicle.json", "default.json"]
    content = json.loads(paths[0].read_text(encoding="utf-8"))
    assert content["provenance"]["data"] == "a test"
    job = JOB.read_text(encoding="utf-8").replace("../", f"{JOB.parents[1]}/")
    mapped = "    columns:\n      record_id: MA_DK"
    assert mapped in job
    own = tmp_path / "job.yaml"
    own.write_text(job.replace(mapped, f"    link: {{model: models/vehicle.json}}\n{mapped}"))
    result = linkage.run(own, registries=["vehicle"], sources={"vehicle": vehicles()}, write=False)
    used = result.manifest["registries"]["vehicle"]["model"]
    assert used["file"] == "vehicle.json"
    truth = pl.read_parquet(SAMPLE / "truth" / "vehicle.parquet").head(1500)
    records = result["vehicle"].records.with_columns(truth=truth["person_id"])
    linked = records.filter(link_status="linked")
    assert linked.filter(pl.col("person_id") == pl.col("truth")).height >= 0.998 * linked.height
    assert linked.height >= 0.8 * truth["person_id"].drop_nulls().len()
