"""Tuning and labelling a job end to end, on a small generated one."""

from __future__ import annotations

import json
import re
import stat
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import linkage
from linkage.cli import call
from linkage.config import load_job
from linkage.errors import ConfigError
from linkage.labelling.label import label_pairs
from linkage.labelling.pairs_csv import read_labels, read_pairs, write_pairs
from linkage.result import RunResult
from linkage.tuning.change import changes, thresholds_of
from linkage.tuning.curve import at, curve
from linkage.tuning.result import Tuning
from linkage.tuning.tune import tune

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workshop")
    assert call(["init", str(folder / "configs")]) == 0
    assert call(["sample", str(folder / "sample_data"), "--people", "900", "--seed", "13"]) == 0
    job = folder / "configs" / "sample.yaml"
    text = job.read_text("utf-8")
    first, last = text.index("  driver_licence:"), text.index("  vehicle:")
    job.write_text(text[:first] + text[last:], encoding="utf-8")  # two registries are enough
    return folder


@pytest.fixture
def job(workshop: Path) -> Path:
    """A job file of its own, beside the shared declarations and data."""
    shared = workshop / "configs" / "sample.yaml"
    own = shared.with_name("own.yaml")
    own.write_bytes(shared.read_bytes())
    return own


@pytest.fixture(scope="module")
def vehicles(workshop: Path) -> Path:
    """A job of vehicles alone, that waits for no other registry."""
    text = (workshop / "configs" / "sample.yaml").read_text("utf-8")
    own = workshop / "configs" / "vehicles.yaml"
    own.write_text(text[: text.index("  sim:")] + text[text.index("engine: {") :], encoding="utf-8")
    return own


@pytest.fixture(scope="module")
def drawn(vehicles: Path, workshop: Path) -> bytes:
    """120 vehicles to label, by the first seed."""
    out = workshop / "drawn.csv"
    label_pairs(vehicles, "vehicle", out, count=120)
    return out.read_bytes()


@pytest.fixture(scope="module")
def run(workshop: Path) -> RunResult:
    return linkage.run(workshop / "configs" / "sample.yaml", registries=["sim"], write=False)


@pytest.fixture(scope="module")
def tuned(workshop: Path, run: RunResult) -> Tuning:
    job = workshop / "configs" / "sample.yaml"
    return tune(job, registries=["sim"], precision=0.98, actions={"terminate": 0.99}, run=run)


def answered(pairs: Path, workshop: Path, name: str = "sim") -> None:
    """Fill in what the truth says, as a person would."""
    truth = pl.read_parquet(workshop / "sample_data" / "truth" / f"{name}.parquet")
    known = truth.select("record_id", true="person_id")
    frame = read_pairs(pairs).join(known, on="record_id", how="left", maintain_order="left")
    right = (pl.col("person_id") == pl.col("true")).fill_null(value=False)
    said = pl.when(right).then(pl.lit("yes")).otherwise(pl.lit("no"))
    write_pairs(pairs, frame.with_columns(is_match=said).drop("true"))


# --- tuning ---------------------------------------------------------------------------------------


def test_the_choice_holds_on_its_own_curve(tuned: Tuning) -> None:
    one = tuned["sim"]
    assert one.choice.reached
    assert one.choice.row["precision_low"] >= 0.98
    assert one.values["tuned_on"] == one.people == 900


def test_actions_ask_for_links_at_least_as_sure(tuned: Tuning) -> None:
    one = tuned["sim"]
    assert one.actions["terminate"].reached
    assert one.actions["terminate"].thresholds.link >= one.choice.thresholds.link


def test_its_short_forms_hold_counts_alone(tuned: Tuning) -> None:
    shown = f"{tuned!r} {tuned['sim']!r} {tuned['sim'].changes!r}"
    assert re.search(r"sim: link 0\.\d+ → 0\.\d+", shown)
    assert not re.search(r"\d{9}", shown)


def test_the_page_opens_offline_and_names_nobody(tuned: Tuning) -> None:
    page = tuned.html
    assert page.count("<svg") == 3
    assert "<script" not in page
    assert not re.search(r"(src|href)=", page)
    assert not set(re.findall(r"\b\d{12}\b", page))


def test_changes_are_told_against_the_finished_run(run: RunResult, tuned: Tuning) -> None:
    records = run["sim"].records
    in_force = tuned["sim"].in_force
    none = changes(run["sim"], in_force, in_force)
    assert none.moves.height == 0
    strict = changes(run["sim"], in_force, in_force.model_copy(update={"link": 1.0}))
    lost = strict.moves.filter(was="linked")["records"].sum()
    held = records.filter(
        (pl.col("decided_by") == "model")
        & (pl.col("link_status") == "linked")
        & (pl.col("match_probability") < 1)
    )
    assert lost == held.height > 0
    of_lost = strict.lists.filter(pl.col("list") == "corrections")["of_lost_links"].sum()
    corrected = run["sim"].corrections.join(held, on="record_id", how="semi").height
    assert of_lost == corrected


@pytest.mark.parametrize("now", [{"link": 0.5}, {"link": 0.999}, {"review": 0.6}])
def test_changes_are_those_that_a_run_shows(vehicles: Path, now: dict[str, float]) -> None:
    job = load_job(vehicles)
    before = linkage.run(job, registries=["vehicle"], write=False)
    then = thresholds_of(before, "vehicle")
    others = then.model_copy(update=now)
    declared = job.registries["vehicle"]
    link = declared.link.model_copy(update={"thresholds": others})
    other = {**job.registries, "vehicle": declared.model_copy(update={"link": link})}
    after = linkage.run(replace(job, registries=other), registries=["vehicle"], write=False)
    found = (
        before["vehicle"]
        .records.select("record_id", was="link_status")
        .join(after["vehicle"].records.select("record_id", becomes="link_status"), on="record_id")
    )
    moved = found.filter(pl.col("was") != pl.col("becomes"))
    told = changes(before["vehicle"], then, others).records
    assert moved.height > 0
    assert_frame_equal(told.select(moved.columns), moved, check_row_order=False)


def test_writing_sets_the_thresholds_and_keeps_the_rest(
    job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = job.read_text("utf-8").splitlines()
    arguments = ["tune", str(job), "--registry", "sim", "--precision", "0.98",
                 "--action", "lock_both=0.99", "--write"]  # fmt: skip
    assert call(arguments) == 0
    assert f"thresholds: {job}" in capsys.readouterr().out
    after = job.read_text("utf-8").splitlines()
    (added,) = [line for line in after if line not in before]
    assert "tuned_on: 900" in added
    assert [line for line in after if line != added] == before
    found = load_job(job).registries["sim"].link.thresholds
    assert found.tuned_on == 900
    assert found.actions["lock_both"] >= found.link


def test_nothing_is_written_unasked(job: Path, tmp_path: Path) -> None:
    before = job.read_bytes()
    page = tmp_path / "curves.html"
    arguments = ["tune", str(job), "--registry", "sim", "--cost-wrong", "50", "--html", str(page)]
    assert call(arguments) == 0
    assert job.read_bytes() == before
    assert "expected cost" in page.read_text("utf-8")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600


def test_what_is_not_reached_is_not_written(job: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = job.read_bytes()
    arguments = ["tune", str(job), "--registry", "sim", "--precision", "0.9999", "--write"]
    assert call(arguments) == 2
    shown = capsys.readouterr()
    assert "too few links to show 0.9999: 38,411 right ones are needed" in shown.out
    assert "not written for sim (link)" in shown.err
    assert job.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--precision", "0.99", "--cost-wrong", "3"], "cannot both decide"),
        (["--precision", "2", "--registry", "sim"], "cannot be asked for"),
        (["--registry", "sims"], "did you mean 'sim'"),
        (["--labels", "none.csv"], "labels are of one registry"),
        (["--labels", "none.csv", "--registry", "sim"], "none.csv cannot be read"),
        (["--action", "lock=0.99"], "one of notify, verify, lock_outgoing"),
        (["--action", "lock_both"], "such as lock_both=0.9999"),
        (["--cost-wrong", "-1"], "costs say nothing"),
    ],
)
def test_wrong_commands_are_told(
    job: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["tune", str(job), *arguments]) in (2, 3)
    assert said in capsys.readouterr().err


def test_a_job_without_a_file_cannot_be_written(tuned: Tuning) -> None:
    with pytest.raises(ConfigError, match="no file to write"):
        Tuning(tuned.registries).write()


# --- labelling ------------------------------------------------------------------------------------


def test_labelling_goes_on_until_it_is_sure_and_then_tunes(
    job: Path, workshop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pairs.csv"
    common = ["label", str(job), "--registry", "sim", "--out", str(out)]
    assert call([*common, "--n", "40"]) == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    first = read_pairs(out)
    assert first.height == first["record_id"].n_unique() == 40
    assert not {"match_probability", "match_weight"} & set(first.columns)

    answered(out, workshop)
    assert call([*common, "--n", "60", "--width", "0.02"]) == 0
    shown = capsys.readouterr().out
    assert "40 labelled" in shown
    assert "60 pairs to label" in shown
    both = read_pairs(out)
    assert both.height == both["record_id"].n_unique() == 100
    assert both["record_id"].head(40).to_list() == first["record_id"].to_list()
    assert both["is_match"].head(40).ne("").all()
    assert both["is_match"].tail(60).eq("").all()

    answered(out, workshop)
    assert call([*common, "--width", "0.2"]) == 0
    assert "enough" in capsys.readouterr().out
    arguments = ["tune", str(job), "--registry", "sim", "--labels", str(out), "--precision", "0.8"]
    assert call(arguments) == 0
    assert "by labels" in capsys.readouterr().out


def test_the_same_seed_draws_the_same_pairs(vehicles: Path, drawn: bytes, tmp_path: Path) -> None:
    for name, seed in (("same.csv", 1), ("other.csv", 2)):
        label_pairs(vehicles, "vehicle", tmp_path / name, count=120, seed=seed)
    assert (tmp_path / "same.csv").read_bytes() == drawn
    assert (tmp_path / "other.csv").read_bytes() != drawn


def test_weighted_labels_estimate_what_all_records_show(
    vehicles: Path, drawn: bytes, workshop: Path, tmp_path: Path
) -> None:
    out = tmp_path / "pairs.csv"
    out.write_bytes(drawn)
    answered(out, workshop, "vehicle")
    labelled = label_pairs(vehicles, "vehicle", out, count=1, width=0.9).labelled
    assert labelled is not None
    truth = pl.read_parquet(workshop / "sample_data" / "truth" / "vehicle.parquet")
    whole = truth.select("record_id", "person_id", is_match=pl.lit(value=True))
    one = tune(vehicles, registries=["vehicle"], labels=whole, precision=0.5)["vehicle"]
    true = at(curve(one.trial), one.in_force.link)
    low, high = labelled.row["precision_low"], labelled.row["precision_high"]
    assert low - 0.01 <= true["precision"] <= high + 0.01


def test_the_annotators_file_is_labelled_too(
    job: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pairs.json"
    label_pairs(job, "sim", out, count=20)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    content = json.loads(out.read_text("utf-8"))
    content["pairs"][0]["label"], content["pairs"][1]["label"] = 1, 0
    out.write_text(json.dumps(content), encoding="utf-8")
    assert read_labels(out)["is_match"].to_list()[:3] == [True, False, None]
    assert call(["label", str(job), "--registry", "sim", "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "2 labelled" in shown
    assert "18 pairs are still without an answer" in shown


def test_labels_of_other_records_are_refused(
    job: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pairs.csv"
    out.write_text("record_id,person_id,is_match\n1.2E+09,7.9E+10,yes\n", encoding="utf-8")
    assert call(["label", str(job), "--registry", "sim", "--out", str(out)]) == 3
    assert "other records" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--out", "pairs.xlsx"], "ending in .csv"),
        (["--out", "no/such/pairs.csv"], "no folder"),
        (["--out", "pairs.csv", "--width", "0"], "width between 0 and 1"),
    ],
)
def test_wrong_labelling_commands_are_told(
    job: Path, more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["label", str(job), "--registry", "sim", *more]) == 2
    assert said in capsys.readouterr().err
