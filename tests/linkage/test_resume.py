"""A killed run: what it leaves, when that is used, and when it is not."""

from __future__ import annotations

import dataclasses
import json
import logging
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import linkage
from linkage.config import load_job
from linkage.config.models import SourceConfig
from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import ContractError, SourceError
from linkage.indexing import index_register
from linkage.link import LinkResult
from linkage.link.block import Blocked
from linkage.link.model import load_model
from linkage.read import read_source
from linkage.resources import shipped
from linkage.resume import Form, Kept, State, forms, keeping
from linkage.resume.key import changed, made_from
from linkage.resume.note import NOTE, Note
from linkage.resume.place import place_of, take
from linkage.session import Session
from tests.linkage.tables import PEOPLE, PERSON, REGISTRY, frame, mapping
from tests.linkage.test_sightings import LICENCE, REGISTER, VEHICLE

ROOT = Path(__file__).parents[2]
OWNER = PEOPLE[0]
SIM = REGISTRY["sim"]
SIMS = (
    {"record_id": "S1", "phone": "0912345678", "personal_id": OWNER["person_id"],
     "full_name": OWNER["full_name"], "birth_date": OWNER["birth_date"]},
    {"record_id": "S2", "phone": "0912345679", "full_name": "Lê Văn Tám", "personal_id": "x"},
)  # fmt: skip


def job_in(folder: Path, **changes: Any) -> dict[str, Any]:
    """A job over three people and their SIMs in files of a folder."""
    folder.mkdir(exist_ok=True)
    job = mapping("sim", out=str(folder / "out")) | changes
    for name, (rows, columns) in {"population": (PEOPLE, PERSON), "sim": (SIMS, SIM)}.items():
        frame(rows, columns).write_csv(folder / f"{name}.csv")
        part = job["population"] if name == "population" else job["registries"][name]
        part["source"] = {"path": str(folder / f"{name}.csv")}
    return job


def target(job: dict[str, Any]) -> Path:
    return Path(job["output"]["path"])


def left(job: dict[str, Any]) -> Path:
    place = place_of(load_job(job), target(job))
    assert place is not None
    return place


def lists(folder: Path) -> dict[str, list[dict[str, Any]]]:
    return {
        path.relative_to(folder).as_posix(): pl.read_parquet(path).to_dicts()
        for path in sorted(folder.rglob("*.parquet"))
    }


def hidden(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name.startswith(".")}


# --- a killed run is continued --------------------------------------------------------------------

KILLER = """
import json, os, signal, sys
import linkage
def kill(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
{patch}
def progress(label):
    if label == {label!r}:
        kill()
linkage.run(json.load(open(sys.argv[1])), progress=progress)
"""


def killed(job: dict[str, Any], label: str | None = None, patch: str = "") -> None:
    """Run a job in a process that is killed as a step begins, or by what is patched."""
    path = target(job).with_name("job.json")
    path.write_text(json.dumps(job), encoding="utf-8")
    script = KILLER.format(label=label, patch=patch)
    done = subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    result = linkage.run(job_in(folder))
    assert result.manifest["resumed"] is None
    assert hidden(folder) == set()
    return lists(folder / "out")


def test_a_killed_run_continues_from_its_last_finished_step(
    tmp_path: Path, undisturbed: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    job, begun = job_in(tmp_path), []
    killed(job, "sim: deciding 2 records")
    job["engine"] = {"threads": 2, "memory_limit": "2GB"}  # says nothing of what comes out
    with caplog.at_level(logging.INFO):
        result = linkage.run(job, formats=["parquet", "csv"], progress=begun.append)
    assert result.manifest["resumed"]["steps_skipped"] == 6
    assert result.manifest["resumed"]["began"] <= result.manifest["resumed"]["at"]
    assert [label.endswith("(finished before)") for label in begun] == [True] * 6 + [False] * 3
    assert "6 of its steps are finished" in caplog.text
    steps = [(one["registry"], one["step"]) for one in result.manifest["steps"]]
    assert len(steps) == len(set(steps)) == 8
    assert lists(tmp_path / "out") == undisturbed
    assert (tmp_path / "out" / "sim" / "records.csv").is_file()
    assert hidden(tmp_path) == set()


@pytest.mark.long
def test_a_run_may_be_killed_again_and_again(tmp_path: Path, undisturbed: dict[str, Any]) -> None:
    job = job_in(tmp_path)
    for label in ("sim: cleaning 2 records", "sim: flagging 2 records", "writing the lists"):
        killed(job, label)
    assert linkage.run(job).manifest["resumed"]["steps_skipped"] == 8
    assert lists(tmp_path / "out") == undisturbed


BETWEEN_THE_RENAMES = """
import linkage.write
rename = linkage.write.Path.rename
def renamed(self, target):
    kill() if self.name.endswith('.partial') else rename(self, target)
linkage.write.Path.rename = renamed
"""
AFTER_PUBLISHING = "import linkage.resume.keep as m; m._take_away = kill"


@pytest.mark.long
@pytest.mark.parametrize(
    "patch",
    [
        pytest.param("import linkage.flagging as m; m.keep_the_dead = kill", id="in a step"),
        pytest.param("import linkage.resume.state as m; m.flush = kill", id="before its commit"),
        pytest.param("import linkage.runner as m; m.carry = kill", id="at the end"),
        pytest.param(BETWEEN_THE_RENAMES, id="in the swap"),
        pytest.param(AFTER_PUBLISHING, id="after publishing"),
    ],
)
def test_wherever_it_is_killed_the_lists_are_the_same(
    tmp_path: Path, patch: str, undisturbed: dict[str, Any]
) -> None:
    job = job_in(tmp_path)
    killed(job, patch=patch)
    assert linkage.run(job).path == target(job)
    assert lists(tmp_path / "out") == undisturbed
    assert hidden(tmp_path) == set()


@pytest.mark.long
def test_killed_between_the_renames_it_still_continues_the_previous_run(tmp_path: Path) -> None:
    job = job_in(tmp_path)
    linkage.run(job)
    killed(job, patch=BETWEEN_THE_RENAMES)
    assert not target(job).exists()
    result = linkage.run(job)
    assert result.manifest["resumed"]["steps_skipped"] == 8
    assert set(result["sim"].cases["status"]) == {"open"}
    assert hidden(tmp_path) == set()


@pytest.mark.long
def test_a_run_that_was_killed_after_publishing_is_not_made_again(tmp_path: Path) -> None:
    job = job_in(tmp_path)
    killed(job, patch=AFTER_PUBLISHING)
    before = (target(job) / "manifest.json").read_bytes()
    result = linkage.run(job)
    assert (target(job) / "manifest.json").read_bytes() == before
    assert set(result["sim"].cases["status"]) == {"new"}
    assert result["sim"].job is not None
    assert set(linkage.run(job)["sim"].cases["status"]) == {"open"}


# --- with an index of the register ---------------------------------------------------------------


def moved_job(folder: Path, index: Path | None) -> dict[str, Any]:
    """A job whose vehicle is linked by an address that its owner's licence shows."""
    folder.mkdir(exist_ok=True)
    job = mapping("driver_licence", "vehicle", out=str(folder / "out"))
    for name, rows in {"driver_licence": [LICENCE], "vehicle": [VEHICLE]}.items():
        frame(rows, REGISTRY[name]).write_csv(folder / f"{name}.csv")
        job["registries"][name]["source"] = {"path": str(folder / f"{name}.csv")}
    frame(REGISTER, PERSON).write_csv(folder / "population.csv")
    job["population"] |= {"source": {"path": str(folder / "population.csv")}}
    job["population"] |= {"index": str(index)} if index else {}
    return job


def test_a_continued_run_with_an_index_shows_what_earlier_registries_showed(
    tmp_path: Path,
) -> None:
    linkage.run(moved_job(tmp_path / "quiet", None))
    job = moved_job(tmp_path / "job", tmp_path / "index" / "people.duckdb")
    killed(job, "vehicle: linking 1 records")
    result = linkage.run(job)
    assert result.manifest["resumed"]["steps_skipped"] == 6 + 2
    assert result.manifest["population"]["index"]["made_because"] == []
    assert result["vehicle"].records["reasons"].to_list() == [["ABOVE_THRESHOLD", "SEEN_ELSEWHERE"]]
    assert lists(tmp_path / "job" / "out") == lists(tmp_path / "quiet" / "out")


def test_the_register_behind_an_index_is_a_part_of_what_the_steps_are_made_from(
    tmp_path: Path,
) -> None:
    job = job_in(tmp_path)
    job["population"]["index"] = str(tmp_path / "index" / "people.duckdb")
    before = parts_of(job)
    _edit(tmp_path / "population.csv")
    assert changed(before, parts_of(job)) == ["the source 'population'"]
    job["population"]["source"]["as_of"] = "2026-09-30"
    assert changed(before, parts_of(job)) == ["the job", "the source 'population'"]


def test_what_a_killed_run_has_made_of_its_own_stays_beside_an_index(tmp_path: Path) -> None:
    """An index made for more registries has tables that the run had to make itself."""
    job = load_job(moved_job(tmp_path / "job", tmp_path / "index" / "people.duckdb"))
    index, _ = index_register(job)
    (tmp_path / "work").mkdir()
    for _ in range(2):
        with DuckDBEngine(threads=1, folder=tmp_path / "work") as engine:
            if not engine.has("tf_address__place"):
                engine.put("tf_address__place", pl.DataFrame({"own": [1]}))
            index.attach(engine, None)
            assert engine.columns("tf_address__place") == ("own",)
            assert engine.number("SELECT count(*) FROM people") == len(REGISTER)


def test_a_register_that_changes_between_the_look_at_it_and_its_index_stops_the_run(
    tmp_path: Path,
) -> None:
    """Lists of two registers would be worse than none; run again, it starts anew."""
    job = moved_job(tmp_path / "job", tmp_path / "index" / "people.duckdb")
    killed(job, "vehicle: linking 1 records")

    def progress(label: str) -> None:
        if label == "population: reading":
            _edit(tmp_path / "job" / "population.csv")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("linkage.population_index.code_hash", lambda *_: "so that it is made anew")
        with pytest.raises(SourceError, match="population: the file changed as the run began"):
            linkage.run(job, progress=progress)
    assert hidden(tmp_path / "job") == set()


# --- or it starts anew ----------------------------------------------------------------------------

CHANGED = {
    "the job": lambda job: job.update(harm={"trial_records": 10}),
    "the reference date": lambda job: job.update(reference_date="2026-10-02"),
    "the declaration of 'sim'": lambda job: job["registries"]["sim"].update(
        rules={"OVER_LIMIT": {"ask_from": 3}}
    ),
    "the source 'sim'": lambda job: _edit(Path(job["registries"]["sim"]["source"]["path"])),
    "the source 'population'": lambda job: _edit(Path(job["population"]["source"]["path"])),
    "the feedback": lambda job: _edit(Path(job["feedback"]["path"])),
}


def _edit(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def judged_job(folder: Path) -> dict[str, Any]:
    """The job with feedback, and with a model that may be exchanged."""
    header = "case_id,registry,record_id,person_id,decision,decided_on,note\n"
    job = job_in(folder, harm={"trial_records": 5000})
    (folder / "feedback.csv").write_text(header, encoding="utf-8")
    job["feedback"] = {"path": str(folder / "feedback.csv")}
    return job


def parts_of(job: dict[str, Any], names: tuple[str, ...] = ("sim",)) -> Any:
    checked = load_job(job)
    feedback = job.get("feedback", {}).get("path")
    told = Path(feedback).read_text(encoding="utf-8") if feedback else None
    return made_from(checked, names, told)


@pytest.mark.parametrize("part", CHANGED)
def test_a_change_is_told_by_its_name(tmp_path: Path, part: str) -> None:
    job = judged_job(tmp_path)
    before = parts_of(job)
    assert changed(before, parts_of(job)) == []
    CHANGED[part](job)
    assert part in changed(before, parts_of(job))


def test_another_model_is_a_change(tmp_path: Path) -> None:
    job = job_in(tmp_path)
    model = tmp_path / "sim.json"
    model.write_bytes((ROOT / "configs" / "models" / "sim.json").read_bytes())
    job["registries"]["sim"]["link"] = {"model": str(model)}
    before = parts_of(job)
    _edit(model)
    assert changed(before, parts_of(job)) == ["the model of 'sim'"]


def test_other_registries_are_a_change(tmp_path: Path) -> None:
    job = job_in(tmp_path)
    assert "the registries asked for" in changed(parts_of(job, ()), parts_of(job))


def test_output_and_engine_limits_are_no_change(tmp_path: Path) -> None:
    job = job_in(tmp_path)
    before = parts_of(job)
    job["engine"] = {"memory_limit": "1GB", "threads": 2}
    job["output"] = {"path": str(tmp_path / "other"), "formats": ["csv"]}
    assert changed(before, parts_of(job)) == []


def test_a_source_that_is_not_there_has_no_fingerprint(tmp_path: Path) -> None:
    job = job_in(tmp_path)
    (tmp_path / "sim.csv").unlink()
    assert parts_of(job) is None


def test_the_parts_tell_no_value_of_the_job(tmp_path: Path) -> None:
    job = job_in(tmp_path, purpose="a secret")
    assert "secret" not in str(parts_of(job))


def leave(job: dict[str, Any], **note: Any) -> Path:
    """What a run that was killed leaves: a note, here, and whatever lies beside it."""
    folder = left(job)
    folder.mkdir()
    Note(**{"began": "before", "parts": parts_of(job)} | note).write(folder)
    (folder / "work.duckdb").write_bytes(b"tables")
    return folder


def took_up(job: dict[str, Any], **asked: Any) -> bool:
    """Whether a run goes on with what is left, which is gone if it does not."""
    usual = {"is_readable": True, "began": "now", "lists": None}
    with keeping(load_job(job), target(job), ("sim",), **usual | asked) as state:
        if state is None:
            assert not left(job).exists()
            return False
        assert state.note.began in ("before", "now")
        assert (state.folder / "work.duckdb").exists() == (state.note.began == "before")
        return state.note.began == "before"


def test_what_fits_is_taken_up_and_gone_with_the_run(tmp_path: Path) -> None:
    job = job_in(tmp_path)
    leave(job)
    assert took_up(job)
    assert hidden(tmp_path) == set()


@pytest.mark.parametrize("part", CHANGED)
def test_stale_steps_are_not_used_and_the_run_says_what_changed(
    tmp_path: Path, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    job = judged_job(tmp_path)
    leave(job, parts=parts_of(job) | {part: "another"})
    assert not took_up(job, feedback=(tmp_path / "feedback.csv").read_text(encoding="utf-8"))
    assert f"for these have changed: {part}" in caplog.text


def test_without_its_note_a_folder_is_of_no_use(tmp_path: Path) -> None:
    job = job_in(tmp_path)
    (leave(job) / NOTE).write_text("{")
    assert not took_up(job)


def test_half_of_a_folder_is_of_no_use(tmp_path: Path) -> None:
    job = job_in(tmp_path)
    leave(job, published="lists", closing=True)
    assert not took_up(job, lists="other lists")


def test_a_run_starts_anew_where_that_is_asked(tmp_path: Path) -> None:
    job = job_in(tmp_path)
    leave(job)
    assert not took_up(job, anew=True)


def test_frames_cannot_be_continued_and_leave_nothing(tmp_path: Path) -> None:
    job = job_in(tmp_path)
    leave(job)
    assert not took_up(job, is_readable=False)


def test_a_file_that_changes_as_the_run_begins_is_not_built_upon(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job = job_in(tmp_path)
    seen = []

    def progress(label: str) -> None:
        if label == "sim: reading":
            _edit(tmp_path / "sim.csv")
        if label == "sim: linking 2 records":
            seen.append((left(job) / NOTE).exists())

    linkage.run(job, progress=progress)
    assert seen == [False]
    assert "sim: the file changed" in caplog.text


# --- the folder -----------------------------------------------------------------------------------


def test_a_failed_run_leaves_no_folder(tmp_path: Path) -> None:
    job = job_in(tmp_path)
    (tmp_path / "sim.csv").write_text("nothing\n")
    with pytest.raises(SourceError):
        linkage.run(job)
    assert not left(job).exists()


def test_a_run_leaves_the_folder_of_another_at_work_alone(
    tmp_path: Path, undisturbed: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    job = job_in(tmp_path)
    lock = take(left(job))
    assert lock is not None
    with lock:
        linkage.run(job)
        assert "another run of the job is at work" in caplog.text
        assert [path.name for path in left(job).iterdir()] == ["in-use.lock"]
    assert lists(tmp_path / "out") == undisturbed


def test_the_folder_is_private_and_its_lock_is_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir(mode=0o755)
    with take(folder) or pytest.fail("not taken"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert take(folder) is None
    again = take(folder)
    assert again is not None
    again.close()


def test_a_link_to_somewhere_else_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "work").symlink_to(tmp_path / "elsewhere")
    assert take(tmp_path / "work") is None


def test_where_the_folder_is(tmp_path: Path) -> None:
    job = job_in(tmp_path)
    assert left(job) == tmp_path / ".out.unfinished"
    masked = job | {"output": {"path": str(tmp_path / "out"), "mask": True}}
    assert place_of(load_job(masked), tmp_path / "out") is None
    spilling = masked | {"engine": {"temp_directory": str(tmp_path / "tmp")}}
    assert left(spilling).parent == tmp_path / "tmp"
    elsewhere = place_of(load_job(spilling), tmp_path / "other")
    assert elsewhere != left(spilling)


# --- one step -------------------------------------------------------------------------------------

COUNT: Form[int] = forms.plain(int)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path, Note("2026-10-01", {}))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1, folder=tmp_path) as engine:
        yield engine


def at_work() -> Session:
    return Session(load_job(ROOT / "configs" / "sample.yaml"))


def test_a_finished_step_is_not_done_again(state: State, engine: DuckDBEngine) -> None:
    def work(entry: dict[str, Any]) -> int:
        engine.put("numbers", pl.DataFrame({"n": [1, 2]}))
        entry["rows_out"] = 2
        first.warn("one is odd")
        return 2

    first = at_work()
    state.open(engine)
    state.once(first, "sim", "link", "sim: linking", COUNT, work)
    engine.close()
    with DuckDBEngine(threads=1, folder=state.folder) as again:
        found, second = State(state.folder, state.note), at_work()
        found.open(again)
        made = found.once(
            second, "sim", "link", "sim: linking", COUNT, lambda _: pytest.fail("done again")
        )
        assert (made, found.skipped) == (2, 1)
        assert again.number("SELECT count(*) FROM numbers") == 2
    assert second.journal.steps == first.journal.steps
    assert second.journal.warnings == ["one is odd"]


def test_of_a_step_that_fails_nothing_is_left(state: State, engine: DuckDBEngine) -> None:
    def work(_: dict[str, Any]) -> int:
        engine.put("numbers", pl.DataFrame({"n": [1, 2]}))
        message = "disk"
        raise OSError(message)

    state.open(engine)
    with pytest.raises(OSError, match="disk"):
        state.once(at_work(), "sim", "link", "sim: linking", COUNT, work)
    assert not engine.has("numbers")
    assert engine.number("SELECT count(*) FROM finished_steps") == 0


def test_work_in_passing_leaves_the_tables_as_they_were(engine: DuckDBEngine) -> None:
    engine.put("numbers", pl.DataFrame({"n": [1, 2]}))
    with engine.in_passing():
        engine.run("DELETE FROM numbers WHERE n = 1")
        assert engine.number("SELECT count(*) FROM numbers") == 1
    assert engine.number("SELECT count(*) FROM numbers") == 2


def test_frames_come_back_as_they_were(state: State, engine: DuckDBEngine) -> None:
    made = {
        "second": pl.DataFrame({"reasons": [["A"], [], None], "day": [None, None, None]}),
        "first": pl.DataFrame(schema={"n": pl.Int64}),
    }
    state.open(engine)
    now = state.once(at_work(), "sim", "flag", "sim: flagging", forms.LISTS, lambda _: made)
    assert all(now[name] is not one and now[name].equals(one) for name, one in made.items())
    found = State(state.folder, state.note)
    found.open(engine)
    kept = found.once(
        at_work(), "sim", "flag", "sim: flagging", forms.LISTS, lambda _: pytest.fail("done again")
    )
    assert list(kept) == list(made)
    assert all(kept[name].equals(one) and kept[name].schema == one.schema
               for name, one in made.items())  # fmt: skip


def test_a_source_that_was_read_is_gone_on_with(tmp_path: Path) -> None:
    columns = {"record_id": "ma", "full_name": ["ho", "ten"]}
    given = pl.DataFrame({"ma": ["a", "b", "a"], "ho": ["Lê", "Vũ", None], "ten": ["An", " ", "x"]})
    read = read_source("sim", SourceConfig(), columns, "record_id", frame=given, folder=tmp_path)
    form = forms.of_source(columns, tmp_path)
    kept = form.keep(read)
    assert kept.read == read.source["content_hash"]
    found = form.recall(Kept(json.loads(json.dumps(kept.plain)), kept.frames))
    assert found.rows.equals(read.rows)
    assert (found.height, found.source) == (read.height, read.source)
    assert found.rejects["record_id"].to_list() == ["a#2"]
    found.discard()
    assert list(tmp_path.iterdir()) == []
    assert form.recall(kept).height == 2  # it has been cleaned: its rows are of no more use


def test_a_link_that_would_not_come_back_whole_is_not_kept() -> None:
    default = shipped("configs", "models", "default.json")
    given = load_model(default, default, {"gender": "sex"}, 100)
    adapted = dataclasses.replace(given.with_m({}), holder_bits={"1990 female": 0.1 + 0.2})
    made = LinkResult(2, 1, Blocked({"a": 1}, {}, frozenset("a")), 3, adapted)
    form = forms.of_link(given)
    assert form.recall(Kept(json.loads(json.dumps(form.keep(made).plain)))) == made
    with pytest.raises(ContractError, match="more of the model"):
        form.keep(dataclasses.replace(made, model=dataclasses.replace(given, prior=0.5)))


def test_numbers_come_back_to_the_last_bit() -> None:
    form = forms.plain(dict[str, tuple[float, float | None]])
    made = {"a": (0.1 + 0.2, float("inf")), "b": (5e-324, None)}
    assert form.recall(Kept(json.loads(json.dumps(form.keep(made).plain)))) == made
