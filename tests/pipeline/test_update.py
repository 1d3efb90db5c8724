"""An update makes the lists of a run of all records with the same weights, row by row."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

import linkage
from linkage.cli import call
from linkage.config import load_job
from linkage.errors import ConfigError
from linkage.result import RunResult
from linkage.rules.columns import VIEW
from linkage.session import Session
from linkage.starting import make_sample
from linkage.updates.local import OF_GROUP, OF_OTHERS, OF_RECORD, OF_REGISTRY
from linkage.updates.state import KeptState, find_state
from tests.pipeline.conftest import JOB

PEOPLE, SEED = 700, 7
REGISTRIES = ("driver_licence", "sim")
Sources = dict[str, pl.DataFrame]
Change = Callable[[Sources, RunResult], None]


@dataclass(frozen=True)
class Base:
    """A finished run: its folder with job, lists and state, its sources, its lists."""

    folder: Path
    sources: Sources
    result: RunResult


def written(folder: Path, job: Mapping[str, Any]) -> Path:
    path = folder / "job.yaml"
    path.write_text(yaml.safe_dump(dict(job), allow_unicode=True), encoding="utf-8")
    return path


def source_of(name: str) -> str:
    """SIMs come as CSV, whose rows are known by their lines."""
    return "data/sim.csv" if name == "sim" else f"data/{name}.parquet"


def put(folder: Path, sources: Sources) -> None:
    for name, frame in sources.items():
        path = folder / source_of(name)
        if path.suffix == ".csv":
            frame.write_csv(path)
        else:
            frame.write_parquet(path)


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at no more records than need be, although of so few it would be less work to look at all."""
    monkeypatch.setattr("linkage.updates.flagging.MOST_SHARE", 2.0)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    folder = tmp_path_factory.mktemp("base")
    make_sample(folder / "sample", PEOPLE, SEED, registries=REGISTRIES)
    job = yaml.safe_load(JOB.read_text(encoding="utf-8").replace("../sample_data", "sample"))
    job["registries"] = {name: job["registries"][name] for name in REGISTRIES}
    job["harm"] = {"trial_records": 200}
    with Session(load_job(written(folder, job))) as session:
        sources = {name: session.read(name).rows.drop("row") for name in REGISTRIES}
    (folder / "data").mkdir()
    put(folder, sources)
    for name, frame in sources.items():
        # Without points of sale, which are weighed against the whole registry.
        columns = {column: column for column in frame.columns if column != "sales_point"}
        job["registries"][name] = {
            "source": {"path": source_of(name)},
            "columns": columns,
        }
    job["output"] = {"path": "out", "state": "state"}
    job["feedback"] = {"path": "feedback.csv"}
    header = "case_id,registry,record_id,person_id,decision,decided_on,note\n"
    (folder / "feedback.csv").write_text(header, encoding="utf-8")
    return Base(folder, sources, linkage.run(written(folder, job)))


def copied(base: Base, folder: Path) -> Path:
    """The base once more; its job file."""
    shutil.copytree(base.folder, folder, dirs_exist_ok=True)
    return folder / "job.yaml"


def lists(out: Path) -> dict[str, pl.DataFrame]:
    return {
        path.relative_to(out).as_posix(): pl.read_parquet(path)
        for path in sorted(out.rglob("*.parquet"))
    }


def states_of(folder: Path) -> list[Any]:
    """States of the lists in a folder; the base's, copied with it, are of other lists."""
    notes = [
        json.loads(path.read_text("utf-8")) for path in (folder / "state").glob("*/state.json")
    ]
    return [note for note in notes if note["target"] == str(folder / "out")]


def different(one: Path, other: Path) -> list[str]:
    left, right = lists(one), lists(other)
    assert list(left) == list(right)
    return [name for name, frame in left.items() if not frame.equals(right[name])]


def updated_and_anew(job: Path) -> tuple[RunResult, list[str]]:
    """An update, and which of its lists are not those of a run of all records with its weights."""
    folder = job.parent
    found = find_state(load_job(job), folder / "out")
    state = KeptState(folder / "kept", found.note)
    shutil.copytree(found.folder, state.folder)
    shutil.copytree(folder / "out", folder / "anew")
    result = linkage.update(job)
    anew = linkage.run(job, out=folder / "anew", frozen=state.frozen)
    other = different(folder / "out", folder / "anew")
    for name in REGISTRIES:
        one, two = (dict(run.manifest["registries"][name]) for run in (result, anew))
        counts = [_counted(run, name) for run in (result, anew)]
        if counts[0] != counts[1] or one["harm"] != two["harm"] or one["lists"] != two["lists"]:
            other.append(f"figures of {name}")
    return result, other


def _counted(result: RunResult, registry: str) -> Any:
    steps = [
        s for s in result.manifest["steps"] if (s["registry"], s["step"]) == (registry, "flag")
    ]
    return steps[-1]["rules"]


# --- what may change ------------------------------------------------------------------------------


def like(frame: pl.DataFrame, record: str, *keys: str, **changed: Any) -> pl.DataFrame:
    """Copies of a record under other keys, with some of its values changed."""
    row = frame.filter(record_id=record)
    copies = pl.concat([row.with_columns(record_id=pl.lit(key)) for key in keys])
    return copies.with_columns(pl.lit(v).cast(pl.String).alias(k) for k, v in changed.items())


def linked(result: RunResult, registry: str, least: float = 0.999) -> pl.DataFrame:
    sure = (pl.col("link_status") == "linked") & (pl.col("match_probability") >= least)
    return result[registry].records.filter(sure, subject_type="person")


def new_records(sources: Sources, result: RunResult) -> None:
    """At the end, and in the middle: those behind them move."""
    for name, frame in sources.items():
        ids = frame["record_id"]
        more = pl.concat([like(frame, ids[n], f"NEW{n}") for n in (3, 50, 77, 120)])
        sources[name] = pl.concat([frame[:40], more[:2], frame[40:], more[2:]])


def changed_records(sources: Sources, result: RunResult) -> None:
    for name, frame in sources.items():
        every = pl.int_range(pl.len()) % 23 == 4
        other = pl.when(every).then(pl.col("full_name").shift(9)).otherwise("full_name")
        blank = pl.when(pl.int_range(pl.len()) % 31 != 4).then(pl.col("personal_id"))
        sources[name] = frame.with_columns(full_name=other, personal_id=blank)


def vanished_records(sources: Sources, result: RunResult) -> None:
    for name, frame in sources.items():
        sources[name] = frame.filter(pl.int_range(pl.len()) % 19 != 2)


def nothing(sources: Sources, result: RunResult) -> None:
    pass


def another_file_that_says_the_same(sources: Sources, result: RunResult) -> None:
    for name, frame in sources.items():
        sources[name] = frame.with_columns(unmapped=pl.lit("x"))


def order_reversed(sources: Sources, result: RunResult) -> None:
    for name, frame in sources.items():
        sources[name] = frame.reverse()


def keys_that_repeat(sources: Sources, result: RunResult) -> None:
    """Of known rows, of rows that were told apart before, and none at all."""
    for name, frame in sources.items():
        ids = frame["record_id"]
        twins = [like(frame, ids[n], ids[n], full_name="Người Khác") for n in (5, 9, 9)]
        blank = like(frame, ids[30], "NEW").with_columns(record_id=pl.lit(None, pl.String))
        named = like(frame, ids[31], f"{ids[9]}#2")
        sources[name] = pl.concat([*twins[:2], frame[:7], frame[9:], *twins[2:], blank, named])


def all_of_one_gone(sources: Sources, result: RunResult) -> None:
    sources["driver_licence"] = sources["driver_licence"].clear()


def everything_at_once(sources: Sources, result: RunResult) -> None:
    for change in (changed_records, vanished_records, new_records):
        change(sources, result)


CHANGES: tuple[Change, ...] = (
    nothing, new_records, changed_records, vanished_records, order_reversed, all_of_one_gone,
    another_file_that_says_the_same, keys_that_repeat,
)  # fmt: skip


def test_new_changed_and_vanished_records_make_the_lists_of_a_run_of_all_records(
    base: Base, tmp_path: Path
) -> None:
    job, sources = copied(base, tmp_path), dict(base.sources)
    everything_at_once(sources, base.result)
    put(tmp_path, sources)
    result, other = updated_and_anew(job)
    assert other == []
    counts = result.manifest["updated"]["registries"]["sim"]
    assert all(counts[what] > 0 for what in ("same", "new", "changed", "vanished"))
    assert counts["same"] > 10 * counts["new"]
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Updated: only new and changed records were linked" in report


@pytest.mark.long
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_whatever_changes_the_lists_are_those_of_a_run_of_all_records(
    base: Base, tmp_path: Path, change: Change
) -> None:
    job, sources = copied(base, tmp_path), dict(base.sources)
    change(sources, base.result)
    put(tmp_path, sources)
    assert updated_and_anew(job)[1] == []


@pytest.mark.long
def test_one_update_after_another_is_as_one_run(base: Base, tmp_path: Path) -> None:
    job, sources = copied(base, tmp_path), dict(base.sources)
    new_records(sources, base.result)
    put(tmp_path, sources)
    linkage.update(job)
    keys_that_repeat(sources, base.result)
    put(tmp_path, sources)
    linkage.update(job)
    for change in (vanished_records, changed_records):
        change(sources, base.result)
    put(tmp_path, sources)
    assert updated_and_anew(job)[1] == []


@pytest.mark.long
def test_new_numbers_take_their_holder_over_the_limit(base: Base, tmp_path: Path) -> None:
    job, sources = copied(base, tmp_path), dict(base.sources)
    record = linked(base.result, "sim")["record_id"][0]
    more = [
        like(sources["sim"], record, f"NEW{n}", phone=f"09871{n:05}", contract=None)
        for n in range(12)
    ]
    sources["sim"] = pl.concat([sources["sim"], *more])
    put(tmp_path, sources)
    result, other = updated_and_anew(job)
    assert other == []

    def flagged(one: RunResult) -> bool:
        cases = one["sim"].junk_sims.filter(record_id=record)["reasons"].explode()
        return "OVER_LIMIT" in cases.to_list()

    assert flagged(result)
    assert not flagged(base.result)


@pytest.mark.long
def test_a_second_licence_makes_a_group_with_the_old_one(base: Base, tmp_path: Path) -> None:
    job, sources = copied(base, tmp_path), dict(base.sources)
    grouped = base.result["driver_licence"].duplicates["record_id"].implode()
    alone = linked(base.result, "driver_licence").filter(~pl.col("record_id").is_in(grouped))
    record = alone["record_id"][0]
    second = like(sources["driver_licence"], record, "NEW", licence_number="790123456789")
    sources["driver_licence"] = pl.concat([sources["driver_licence"], second])
    put(tmp_path, sources)
    result, other = updated_and_anew(job)
    assert other == []
    members = result["driver_licence"].duplicates.filter(pl.col("record_id").is_in([record, "NEW"]))
    assert members["group_id"].n_unique() == 1
    assert members.height == 2


@pytest.mark.long
def test_a_new_record_takes_a_person_from_an_old_one_in_doubt(base: Base, tmp_path: Path) -> None:
    job, sources = copied(base, tmp_path), dict(base.sources)
    frame, some = sources["driver_licence"], pl.int_range(pl.len()) < 60
    vague = ("personal_id", "address", "sex")
    other_family = pl.col("full_name").str.replace(r"^\S+", "Quách")
    frame = frame.with_columns(pl.when(~some).then(pl.col(name)).alias(name) for name in vague)
    frame = frame.with_columns(
        pl.when(some).then(other_family).otherwise("full_name").alias("full_name")
    )
    put(tmp_path, {"driver_licence": frame})
    before = linkage.update(job)["driver_licence"].records
    unsure = pl.col("match_probability").is_between(0.05, 0.9989)
    doubtful = before[:60].filter(unsure)["record_id"]
    rivals = [
        like(frame, record, f"NEW{record}", licence_number=f"79{n:010}")
        for n, record in enumerate(doubtful)
    ]
    put(tmp_path, {"driver_licence": pl.concat([frame, *rivals])})
    result, other = updated_and_anew(job)
    assert other == []
    after = result["driver_licence"].records[:60]
    both = before[:60].join(after, on="record_id")
    moved = both.filter(pl.col("match_probability") != pl.col("match_probability_right"))
    assert moved.height > 0
    step = [s for s in result.manifest["steps"] if s["step"] == "decide"][-1]
    assert step["decided_anew"] >= len(rivals) + moved.height


@pytest.mark.long
def test_what_people_have_said_of_links_is_followed(base: Base, tmp_path: Path) -> None:
    job = copied(base, tmp_path)
    record, person = linked(base.result, "sim").select("record_id", "person_id").row(0)
    line = f",sim,{record},{person},wrong_link,2026-10-05,\n"
    with (tmp_path / "feedback.csv").open("a", encoding="utf-8") as file:
        file.write(line)
    result, other = updated_and_anew(job)
    assert other == []
    assert result["sim"].records.filter(record_id=record)["person_id"][0] != person
    assert result.manifest["updated"]["registries"]["sim"]["changed"] == 1


def with_points_of_sale(job: dict[str, Any]) -> None:
    job["registries"]["sim"]["columns"]["sales_point"] = "sales_point"


@pytest.mark.long
def test_points_of_sale_are_weighed_against_the_whole_registry(base: Base, tmp_path: Path) -> None:
    job, sources = rewritten(copied(base, tmp_path), with_points_of_sale), dict(base.sources)
    linkage.run(job)
    everything_at_once(sources, base.result)
    put(tmp_path, sources)
    assert updated_and_anew(job)[1] == []


@pytest.mark.long
def test_where_much_hangs_together_all_is_looked_at(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linkage.updates.flagging.MOST_SHARE", 0.0)
    job, sources = copied(base, tmp_path), dict(base.sources)
    new_records(sources, base.result)
    put(tmp_path, sources)
    assert updated_and_anew(job)[1] == []


def test_every_column_of_the_case_view_is_of_a_record_a_group_or_the_registry() -> None:
    kinds = (OF_RECORD, OF_GROUP, OF_OTHERS, OF_REGISTRY)
    assert sorted(VIEW) == sorted(column for kind in kinds for column in kind)


# --- what an update goes on from ------------------------------------------------------------------


def refused(job: Path) -> ConfigError:
    before = lists(job.parent / "out") if (job.parent / "out").exists() else {}
    with pytest.raises(ConfigError) as caught:
        linkage.update(job)
    after = lists(job.parent / "out") if (job.parent / "out").exists() else {}
    assert list(before) == list(after)
    assert caught.value.hint is not None
    assert "linkage run" in caught.value.hint
    return caught.value


def rewritten(job: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    content = yaml.safe_load(job.read_text(encoding="utf-8"))
    change(content)
    return written(job.parent, content)


def test_a_job_that_keeps_no_state_is_refused(base: Base, tmp_path: Path) -> None:
    job = rewritten(copied(base, tmp_path), lambda job: job["output"].pop("state"))
    assert "keeps no state" in refused(job).message


def test_without_lists_there_is_nothing_to_update(
    base: Base, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = copied(base, tmp_path)
    shutil.rmtree(tmp_path / "out")
    assert "no lists" in refused(job).message
    assert call(["update", str(job)]) == 2
    assert "try: linkage run" in capsys.readouterr().err


def test_lists_of_another_run_are_refused(base: Base, tmp_path: Path) -> None:
    job, path = copied(base, tmp_path), tmp_path / "out" / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert "no state of the lists" in refused(job).message


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda job: job.update(reference_date="2026-10-02"), "the reference date"),
        (lambda job: job["registries"]["sim"]["columns"].pop("operator"), "the job"),
        (
            lambda job: job["registries"]["sim"].update(rules={"OVER_LIMIT": False}),
            "the declaration of 'sim'",
        ),
    ],
)
def test_a_state_made_from_something_else_is_refused(
    base: Base, tmp_path: Path, change: Callable[[dict[str, Any]], None], part: str
) -> None:
    assert part in refused(rewritten(copied(base, tmp_path), change)).message


def test_another_register_is_refused(base: Base, tmp_path: Path) -> None:
    job, path = copied(base, tmp_path), tmp_path / "sample" / "population.parquet"
    pl.read_parquet(path)[1:].write_parquet(path)
    assert "the population register" in refused(job).message


def test_state_and_lists_in_one_folder_are_refused(base: Base, tmp_path: Path) -> None:
    job = rewritten(copied(base, tmp_path), lambda job: job["output"].update(state="out/state"))
    with pytest.raises(ConfigError, match="in one folder"):
        linkage.run(job)


def test_a_state_is_for_its_owner_alone_and_there_is_one(base: Base) -> None:
    paths = [base.folder / "state", *(base.folder / "state").rglob("*")]
    assert len([path for path in paths if path.name == "state.json"]) == 1
    for path in paths:
        if path.name != "in-use.lock":
            wanted = 0o700 if path.is_dir() else 0o600
            assert stat.S_IMODE(path.stat().st_mode) == wanted, path.name


KILLED_RUN = """
import os, sys, linkage
def until(label):
    if label.startswith(sys.argv[2]): os._exit(9)
linkage.run(sys.argv[1], progress=until)
"""


@pytest.mark.long
@pytest.mark.parametrize("label", ["sim: linking", "writing the lists"])
def test_a_run_that_was_killed_and_continued_keeps_a_whole_state(
    base: Base, tmp_path: Path, label: str
) -> None:
    job, sources = copied(base, tmp_path), dict(base.sources)
    died = subprocess.run([sys.executable, "-c", KILLED_RUN, str(job), label], check=False)
    assert died.returncode == 9
    assert linkage.run(job).manifest["resumed"]["steps_skipped"] > 6
    new_records(sources, base.result)
    put(tmp_path, sources)
    assert updated_and_anew(job)[1] == []
    assert len(states_of(tmp_path)) == 1


KILLED = """
import os, sys, linkage, linkage.updates.keep as keep
def die(*_, **__): os._exit(9)
setattr(keep, sys.argv[2], die)
linkage.update(sys.argv[1])
"""


@pytest.mark.long
@pytest.mark.parametrize(("when", "is_new"), [("publish", False), ("sweep", True)])
def test_killed_as_lists_take_their_place_lists_and_state_still_belong_together(
    base: Base, tmp_path: Path, when: str, is_new: bool
) -> None:
    job, sources = copied(base, tmp_path), dict(base.sources)
    new_records(sources, base.result)
    put(tmp_path, sources)
    died = subprocess.run([sys.executable, "-c", KILLED, str(job), when], check=False)
    assert died.returncode == 9
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert ("updated" in manifest) == is_new
    vanished_records(sources, base.result)
    put(tmp_path, sources)
    result, other = updated_and_anew(job)
    assert other == []
    known = result.manifest["updated"]["registries"]["sim"]
    assert (known["new"] == 0) == is_new
    assert len(states_of(tmp_path)) == 1
