"""A life for every case: statuses against the previous run, and decisions that are remembered."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from linkage import pieces
from linkage.contracts import CORRECTIONS, DUPLICATES, FLAGS, RECORDS
from linkage.errors import ConfigError, ContractError
from linkage.harm import Bounds
from linkage.life import Carried, Feedback, Previous, carry, find_previous
from linkage.life.feedback import judged
from linkage.life.shown import about_feedback, lived, told
from linkage.life.statuses import Before, Stated
from linkage.report.life import since
from linkage.shelf import Lists
from linkage.write import Output, publish

REGISTRY = "driver_licence"
CASE: dict[str, Any] = {
    "person_id": "001190012345", "province": "01", "reasons": ["HOLDER_DECEASED"],
    "severity": "medium", "confidence": 0.99, "action": "notify", "protected": [],
    "evidence": "{}", "status": "new",
}  # fmt: skip
DUPLICATE: dict[str, Any] = {
    "group_id": "g", "person_id": None, "keep": False, "reasons": ["HELD_BY_ONE_PERSON"],
    "confidence": 0.9, "action": "cancel", "status": "new",
}  # fmt: skip
CORRECTION: dict[str, Any] = {
    "person_id": "001190012345", "field": "full_name", "current": "Lan", "proposed": "Nguyễn Lan",
    "kind": "typo", "source": "population", "confidence": 0.99, "status": "new",
}  # fmt: skip


def flags(*ids: str, **changes: Any) -> pl.DataFrame:
    rows = [{"case_id": one, "record_id": f"r-{one}", **CASE, **changes} for one in ids]
    return pl.DataFrame(rows, schema=FLAGS.schema)


def group(name: str, *ids: str, keep: str | None = None) -> pl.DataFrame:
    rows = [
        {"case_id": one, "record_id": f"r-{one}", **DUPLICATE, "group_id": name,
         "keep": one == (keep or ids[0])}
        for one in ids
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=DUPLICATES.schema)


def lists(
    cases: pl.DataFrame | None = None,
    duplicates: pl.DataFrame | None = None,
    corrections: pl.DataFrame | None = None,
) -> dict[str, dict[str, pl.DataFrame]]:
    """Lists of one registry; those that are not given are empty."""
    return {
        REGISTRY: {
            "records": RECORDS.empty(),
            "flags": FLAGS.empty() if cases is None else cases,
            "duplicates": DUPLICATES.empty() if duplicates is None else duplicates,
            "corrections": CORRECTIONS.empty() if corrections is None else corrections,
        }
    }


def said(*rows: dict[str, Any]) -> Feedback:
    """Lines of feedback as the file would hold them."""
    columns = ("case_id", "registry", "record_id", "person_id", "decision", "decided_on", "note")
    lines = pl.DataFrame(
        [{name: {"decided_on": "2026-10-01", **row}.get(name) for name in columns} for row in rows],
        schema=dict.fromkeys(columns, pl.String),
    ).with_columns(
        row=pl.int_range(1, pl.len() + 1, dtype=pl.Int64), early=pl.lit(None, dtype=pl.String)
    )
    return Feedback(judged(lines, (REGISTRY, "sim"), (REGISTRY,)), {"rows": len(rows)})


class Folder:
    """An output folder into which runs are carried and published, one after the other."""

    def __init__(self, path: Path, formats: tuple[str, ...] = ("parquet",)) -> None:
        self.path, self.formats, self.runs = path, formats, 0

    def run(
        self,
        made: Mapping[str, Mapping[str, pl.DataFrame]],
        feedback: Feedback | None = None,
        *,
        job: str = "literal",
        schema: str = "1",
    ) -> tuple[Carried, list[str]]:
        previous = find_previous(
            self.path, job=job, has_feedback=feedback is not None, masked=False
        )
        carried = carry(made, previous, feedback)
        self.runs += 1
        manifest = {
            "job": job, "schema_version": schema, "started": f"run {self.runs}",
            "registries": {name: {} for name in made}, **lived(previous, carried, feedback),
        }  # fmt: skip
        top = {} if carried.decisions is None else {"decisions": carried.decisions}
        output = Output(top, carried.lists, manifest, "")
        publish(self.path, output, formats=self.formats)
        return carried, told(manifest)


@pytest.fixture(params=["parquet", "csv"])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Folder:
    return Folder(tmp_path / "out", (request.param,))


def statuses(carried: Carried, table: str = "flags") -> dict[str, str]:
    return dict(carried.lists[REGISTRY][table].select("case_id", "status").rows())


def test_a_case_is_new_then_open_then_resolved_then_reopened(folder: Folder) -> None:
    both, one = lists(flags("a", "b")), lists(flags("a"))
    seen = [statuses(folder.run(made)[0]) for made in (both, both, one, one, both, both)]
    assert seen == [
        {"a": "new", "b": "new"},
        {"a": "open", "b": "open"},
        {"a": "open", "b": "resolved"},
        {"a": "open", "b": "resolved"},
        {"a": "open", "b": "reopened"},
        {"a": "open", "b": "open"},
    ]


def test_nothing_is_due_on_a_resolved_case_and_its_row_stays_as_it_was(folder: Folder) -> None:
    first, _ = folder.run(lists(flags("a", "b")))
    then, _ = folder.run(lists(flags("a")))
    before, after = (x.lists[REGISTRY]["flags"].filter(case_id="b") for x in (first, then))
    assert after["action"].to_list() == ["none"]
    assert_frame_equal(after.drop("action", "status"), before.drop("action", "status"))


def test_the_same_lists_again_are_no_change(folder: Folder) -> None:
    made = lists(flags("a", "b"), group("g", "x", "y"))
    folder.run(made)
    carried, words = folder.run(made)
    assert words == ["since the run of run 1: no change"]
    again, words = folder.run(made)
    assert words == ["since the run of run 2: no change"]
    for table in ("flags", "duplicates", "corrections"):
        assert_frame_equal(again.lists[REGISTRY][table], carried.lists[REGISTRY][table])


def test_the_summary_names_exactly_the_differences(folder: Folder) -> None:
    folder.run(lists(flags("a", "b", "c"), group("g", "x", "y")))
    changed = pl.concat([flags("a", "d"), flags("c", severity="high", action="verify")])
    _, words = folder.run(lists(changed, group("g", "x", "y")))
    assert words == [
        "since the run of run 1:",
        "  driver_licence flags: 1 new, 1 resolved, 1 changed, 2 still open",
    ]


def test_a_probability_that_moves_is_no_change(folder: Folder) -> None:
    folder.run(lists(flags("a")))
    _, words = folder.run(lists(flags("a", confidence=0.98, evidence='{"R":{"days":3}}')))
    assert words == ["since the run of run 1: no change"]


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    first = lists(flags("a", "b", "c"), group("g", "x", "y", "z"))
    then = lists(flags("b", "c", "d"), group("h", "y", "z", "w"))

    def carried(name: str, *, turned: bool) -> dict[str, pl.DataFrame]:
        here = Folder(tmp_path / name)
        for made in (first, then):
            turned_round = {
                REGISTRY: {t: f.reverse() if turned else f for t, f in made[REGISTRY].items()}
            }
            last, _ = here.run(turned_round, said({"case_id": "b", "decision": "rejected"}))
        return {t: last.lists[REGISTRY][t].sort("case_id") for t in ("flags", "duplicates")}

    plain, turned = carried("plain", turned=False), carried("turned", turned=True)
    for table, frame in plain.items():
        assert_frame_equal(frame, turned[table])


def corrected(*ids: str, **changes: Any) -> pl.DataFrame:
    rows = [{"case_id": one, "record_id": f"r-{one}", **CORRECTION, **changes} for one in ids]
    return pl.DataFrame(rows, schema=CORRECTIONS.schema)


def in_pieces(made: dict[str, dict[str, pl.DataFrame]], place: Path) -> dict[str, Lists]:
    """The same lists on disk, each of its rows a piece."""
    found = Lists({}, place)
    for name, frame in made[REGISTRY].items():
        rows = [frame.slice(n, 1) for n in range(max(frame.height, 1))]
        found = found.put(name, iter(rows))
    return {REGISTRY: found}


def test_lists_in_pieces_get_the_statuses_of_whole_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "ROWS", 2)
    first = lists(flags("a", "b", "c"), group("g", "x", "y", "z"), corrected("p", "q", "r", "s"))
    changed = pl.concat([corrected("q", "t"), corrected("r", proposed="Nguyễn Thị Lan")])
    then = lists(flags("b", "c", "d"), group("h", "y", "z", "w"), changed)
    told = said({"case_id": "b", "decision": "rejected"}, {"case_id": "q", "decision": "confirmed"})
    whole, parted = Folder(tmp_path / "whole"), Folder(tmp_path / "parted")
    for made in (first, then, first):
        one, words = whole.run(made, told)
        other, same_words = parted.run(in_pieces(made, tmp_path), told)
        assert same_words == words
        assert other.life == one.life
        for table in ("flags", "duplicates", "corrections"):
            assert_frame_equal(other.lists[REGISTRY][table], one.lists[REGISTRY][table])


def test_a_case_in_two_pieces_is_never_listed_twice(tmp_path: Path) -> None:
    here = Folder(tmp_path / "out")
    here.run(lists(corrections=corrected("a")))
    twice = in_pieces(lists(corrections=pl.concat([corrected("a", "b"), corrected("a")])), tmp_path)
    with pytest.raises(ContractError, match="contract"):
        here.run(twice)


def test_resolved_cases_are_not_lost_where_the_previous_list_is_replaced_meanwhile(
    tmp_path: Path,
) -> None:
    here = Folder(tmp_path / "out")
    here.run(lists(corrections=corrected("a", "b")))
    last = find_previous(here.path, job="literal", has_feedback=False, masked=False)
    before = Before.of(last, REGISTRY, CORRECTIONS)
    assert before is not None
    corrected("a").write_parquet(here.path / REGISTRY / "corrections.parquet")
    none = pl.DataFrame(schema={"case_id": pl.String, "decision": pl.String, "holds": pl.Boolean})
    now = Lists.of(lists(corrections=corrected("a"))[REGISTRY])
    with pytest.raises(ContractError, match="became another"):
        pl.concat(Stated(now, before, none, CORRECTIONS, masked=False).pieces())


def test_a_case_that_stands_twice_in_the_previous_list_is_told(tmp_path: Path) -> None:
    here = Folder(tmp_path / "out")
    here.run(lists(corrections=corrected("a", "b")))
    twice = pl.concat([corrected("a", "b"), corrected("a")])
    twice.write_parquet(here.path / REGISTRY / "corrections.parquet")
    carried, _ = here.run(lists(corrections=corrected("a", "b")))
    assert statuses(carried, "corrections") == {"a": "new", "b": "new"}
    assert "its cases count as new" in carried.notes[0]


@pytest.mark.parametrize(
    ("job", "schema", "why"), [("another", "1", "of the job 'another'"), ("literal", "0", "schema")]
)
def test_a_folder_of_another_job_or_schema_is_no_previous_run(
    tmp_path: Path, job: str, schema: str, why: str
) -> None:
    here = Folder(tmp_path / "out")
    here.run(lists(flags("a")), job=job, schema=schema)
    carried, words = here.run(lists(flags("a")))
    assert statuses(carried) == {"a": "new"}
    assert len(words) == 1
    assert words[0].startswith("all cases are new: the folder held")
    assert why in words[0]


def test_a_damaged_list_is_told_and_its_cases_are_new(tmp_path: Path) -> None:
    here = Folder(tmp_path / "out")
    here.run(lists(flags("a")))
    (here.path / REGISTRY / "flags.parquet").write_bytes(b"no table")
    carried, _ = here.run(lists(flags("a")))
    assert statuses(carried) == {"a": "new"}
    assert len(carried.notes) == 1
    assert "the list 'flags' of the run cannot be read" in carried.notes[0]


# --- groups ---------------------------------------------------------------------------------------


def names(carried: Carried) -> dict[str, str]:
    return dict(carried.lists[REGISTRY]["duplicates"].select("case_id", "group_id").rows())


@pytest.mark.parametrize(
    ("now", "name"),
    [
        (("b", "c", "d"), "g"),
        (("c", "d"), "g"),
        (("c", "d", "x", "y", "z"), "g"),
        (("d", "x"), "h"),
    ],
)
def test_a_group_keeps_its_name_while_half_of_its_members_persist(
    tmp_path: Path, now: tuple[str, ...], name: str
) -> None:
    here = Folder(tmp_path / "out")
    here.run(lists(duplicates=group("g", "a", "b", "c", "d")))
    carried, _ = here.run(lists(duplicates=group("h", *now)))
    assert {names(carried)[one] for one in now} == {name}


def test_two_halves_of_a_group_do_not_share_its_name(tmp_path: Path) -> None:
    here = Folder(tmp_path / "out")
    here.run(lists(duplicates=group("g", "a", "b", "c", "d")))
    halves = pl.concat([group("g", "a", "b"), group("h", "c", "d", "e")])
    carried, _ = here.run(lists(duplicates=halves))
    found = names(carried)
    assert (found["a"], found["c"]) == ("g", "h")
    assert found["a"] == found["b"] != found["c"] == found["d"] == found["e"]


def test_a_name_that_another_group_inherits_is_not_given_twice(tmp_path: Path) -> None:
    here = Folder(tmp_path / "out")
    here.run(lists(duplicates=group("g", "a", "b", "c", "d")))
    parted = pl.concat([group("g", "a", "x"), group("h", "b", "c", "d")])
    carried, _ = here.run(lists(duplicates=parted))
    found = names(carried)
    assert found["b"] == found["c"] == found["d"] == "g"
    assert found["a"] == found["x"] != "g"


def test_a_group_has_one_survivor_also_beside_resolved_members(tmp_path: Path) -> None:
    here = Folder(tmp_path / "out")
    here.run(lists(duplicates=group("g", "a", "b", "c", keep="a")))
    for now in (group("h", "b", "c", keep="b"), None, group("g", "a", "c", keep="c")):
        carried, _ = here.run(lists(duplicates=now))
        kept = carried.lists[REGISTRY]["duplicates"].group_by("group_id").agg(pl.col("keep").sum())
        assert kept["keep"].to_list() == [1]


# --- decisions on cases ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "status", "action"),
    [
        ("confirmed", "confirmed", "notify"),
        ("rejected", "dismissed", "none"),
        ("appealed", "dismissed", "none"),
    ],
)
def test_a_decision_is_remembered_in_every_later_run(
    folder: Folder, decision: str, status: str, action: str
) -> None:
    made = lists(flags("a", "b"))
    folder.run(made)
    told_once = said({"case_id": "a", "decision": decision})
    for _ in range(3):
        carried, words = folder.run(made, told_once)
        row = carried.lists[REGISTRY]["flags"].filter(case_id="a").to_dicts()[0]
        assert (row["status"], row["action"]) == (status, action)
        assert statuses(carried)["b"] == "open"
    assert words == ["since the run of run 3: no change", "feedback: 1 applied"]


def held_to(limit: float) -> Bounds:
    return Bounds({REGISTRY: {"default": limit}}, {REGISTRY: 10_000})


@pytest.mark.parametrize("decision", ["rejected", "confirmed"])
def test_a_decided_case_does_not_use_up_the_limit_on_harm(decision: str) -> None:
    made = lists(flags("a", "b", confidence=0.9).with_columns(person_id="case_id"))
    room_for_one = held_to(0.8).hold
    held = carry(made, Previous(), holding=room_for_one)
    assert held.moved[REGISTRY]["flags"] == {"notify": 1}
    decided = carry(
        made, Previous(), said({"case_id": "a", "decision": decision}), holding=room_for_one
    )
    assert decided.moved[REGISTRY]["flags"] == {}
    assert decided.lists[REGISTRY]["flags"].filter(case_id="b")["action"].to_list() == ["notify"]


def test_a_confirmed_case_keeps_its_step_whatever_the_limit() -> None:
    made = lists(flags("a", "b", "c", confidence=0.9).with_columns(person_id="case_id"))
    told_once = said({"case_id": "b", "decision": "confirmed"})
    found = carry(made, Previous(), told_once, holding=held_to(0).hold).lists[REGISTRY]["flags"]
    assert found["case_id"].to_list() == ["a", "b", "c"]
    assert found["action"].to_list() == ["ask", "notify", "ask"]
    assert held_to(0).told(REGISTRY, lists(found)[REGISTRY], {})["flags"]["beyond_a_question"][
        "wrongful_high"
    ] == 0  # fmt: skip


def test_a_dismissed_case_is_asked_again_only_when_its_evidence_changes(folder: Folder) -> None:
    told_once = said({"case_id": "a", "decision": "rejected"})
    both = ["HOLDER_DECEASED", "OVER_LIMIT"]
    steps: list[tuple[dict[str, Any], str]] = [
        ({}, "dismissed"),
        ({"confidence": 0.5, "evidence": '{"x":1}'}, "dismissed"),
        ({"severity": "low"}, "dismissed"),
        ({"severity": "high"}, "reopened"),
        ({"severity": "high"}, "open"),
        ({"reasons": both}, "open"),
        ({"person_id": "079085004321"}, "open"),
        ({}, "dismissed"),
        ({"person_id": None}, "reopened"),
    ]
    folder.run(lists(flags("a")))
    seen = [statuses(folder.run(lists(flags("a", **now)), told_once)[0])["a"] for now, _ in steps]
    assert seen == [status for _, status in steps]


def test_a_decision_rests_on_the_list_that_it_was_made_on(folder: Folder) -> None:
    folder.run(lists(flags("a")))
    worse = lists(flags("a", reasons=["HOLDER_DECEASED", "OVER_LIMIT"]))
    carried, _ = folder.run(worse, said({"case_id": "a", "decision": "rejected"}))
    assert statuses(carried) == {"a": "open"}
    assert carried.decisions is not None
    assert carried.decisions["outcome"].to_list() == ["evidence_changed"]
    assert about_feedback(carried.decisions)


def test_a_later_decision_on_the_new_evidence_holds(folder: Folder) -> None:
    first = {"case_id": "a", "decision": "rejected", "decided_on": "2026-10-01"}
    again = {"case_id": "a", "decision": "rejected", "decided_on": "2026-11-01"}
    worse = lists(flags("a", severity="high"))
    folder.run(lists(flags("a")))
    folder.run(lists(flags("a")), said(first))
    assert statuses(folder.run(worse, said(first))[0]) == {"a": "reopened"}
    carried, _ = folder.run(worse, said(first, again))
    assert statuses(carried) == {"a": "dismissed"}
    assert carried.decisions is not None
    assert carried.decisions["outcome"].to_list() == ["superseded", "applied"]


def test_a_dismissed_case_that_went_and_comes_back_stays_dismissed(folder: Folder) -> None:
    told_once = said({"case_id": "a", "decision": "rejected"})
    folder.run(lists(flags("a")))
    seen = [
        statuses(folder.run(lists(made), told_once)[0])["a"]
        for made in (flags("a"), None, None, flags("a"))
    ]
    assert seen == ["dismissed", "resolved", "resolved", "dismissed"]


def test_a_withdrawn_decision_opens_the_case_again(folder: Folder) -> None:
    folder.run(lists(flags("a")))
    rejected = {"case_id": "a", "decision": "rejected"}
    folder.run(lists(flags("a")), said(rejected))
    carried, _ = folder.run(
        lists(flags("a")), said(rejected, {**rejected, "decision": "withdrawn"})
    )
    assert statuses(carried) == {"a": "reopened"}


def test_a_decision_on_a_duplicate_holds_until_its_group_gains_a_member(folder: Folder) -> None:
    told_once = said({"case_id": "b", "decision": "rejected"})
    folder.run(lists(duplicates=group("g", "a", "b", "c")))
    seen = [
        statuses(folder.run(lists(duplicates=now), told_once)[0], "duplicates")["b"]
        for now in (group("g", "a", "b", "c"), group("h", "a", "b"), group("h", "a", "b", "d"))
    ]
    assert seen == ["dismissed", "dismissed", "reopened"]


def test_a_decision_on_a_correction_holds_until_another_value_is_proposed(folder: Folder) -> None:
    def proposed(value: str) -> dict[str, dict[str, pl.DataFrame]]:
        row = {"case_id": "a", "record_id": "r", **CORRECTION, "proposed": value}
        return lists(corrections=pl.DataFrame([row], schema=CORRECTIONS.schema))

    told_once = said({"case_id": "a", "decision": "rejected"})
    folder.run(proposed("Nguyễn Lan"))
    seen = [
        statuses(folder.run(proposed(value), told_once)[0], "corrections")["a"]
        for value in ("Nguyễn Lan", "Nguyễn Thị Lan; Lan")
    ]
    assert seen == ["dismissed", "reopened"]


def test_a_job_that_forgets_its_feedback_is_refused(tmp_path: Path) -> None:
    here = Folder(tmp_path / "out")
    here.run(lists(flags("a")), said({"case_id": "a", "decision": "rejected"}))
    with pytest.raises(ConfigError, match="followed a feedback file, and this job names none"):
        here.run(lists(flags("a")))


# --- lines of feedback ----------------------------------------------------------------------------

PAIR = {"registry": REGISTRY, "record_id": "r", "person_id": "p"}


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ({"case_id": "a", "decision": "rejected"}, "applied"),
        ({"case_id": " 'a ", "decision": " Rejected "}, "unknown_case"),
        ({"case_id": "'a", "decision": " Rejected "}, "applied"),
        ({"case_id": "a", "registry": REGISTRY, "decision": "rejected"}, "applied"),
        ({"case_id": "zz", "decision": "rejected"}, "unknown_case"),
        ({"case_id": "a", "decision": "maybe"}, "unknown_decision"),
        ({"case_id": "a", "decision": None}, "unknown_decision"),
        ({"case_id": "a", "decision": "rejected", "decided_on": "1/10/2026"}, "unreadable_date"),
        ({"case_id": "a", "decision": "rejected", "decided_on": None}, "unreadable_date"),
        ({"decision": "rejected", **PAIR}, "incomplete"),
        ({"decision": "wrong_link", **PAIR, "person_id": " "}, "incomplete"),
        ({"decision": "wrong_link", **PAIR, "registry": "simm"}, "unknown_registry"),
        ({"decision": "wrong_link", **PAIR, "registry": "sim"}, "not_in_this_run"),
        ({"decision": "wrong_link", **PAIR}, "unknown_record"),
    ],
)
def test_every_line_has_an_outcome(line: dict[str, Any], outcome: str) -> None:
    carried = carry(lists(flags("a")), Previous(), said(line))
    assert carried.decisions is not None
    assert carried.decisions["outcome"].to_list() == [outcome]


def test_a_case_of_another_registry_than_the_line_says_is_unknown() -> None:
    feedback = said({"case_id": "a", "decision": "rejected", "registry": REGISTRY})
    made = {"vehicle": lists(flags("a"))[REGISTRY], **lists()}
    carried = carry(made, Previous(), feedback)
    assert carried.decisions is not None
    assert carried.decisions["outcome"].to_list() == ["unknown_case"]
    assert carried.lists["vehicle"]["flags"]["status"].to_list() == ["new"]


def test_the_latest_decision_on_a_pair_counts_and_a_record_has_one_holder() -> None:
    lines = [
        {**PAIR, "decision": "right_link", "decided_on": "2026-10-03"},
        {**PAIR, "decision": "wrong_link", "decided_on": "2026-10-04"},
        {**PAIR, "person_id": "q", "decision": "right_link", "decided_on": "2026-10-02"},
        {**PAIR, "person_id": "s", "decision": "right_link", "decided_on": "2026-10-01"},
        {**PAIR, "person_id": "t", "decision": "wrong_link", "decided_on": "2026-10-01"},
        {**PAIR, "person_id": "t", "decision": "withdrawn", "decided_on": "2026-10-01"},
    ]
    feedback = said(*lines)
    assert feedback.links.sort("person_id").rows() == [
        (REGISTRY, "r", "p", False),
        (REGISTRY, "r", "q", True),
    ]
    assert feedback.lines["outcome"].to_list() == [
        "superseded", None, None, "superseded", "superseded", None,
    ]  # fmt: skip


def test_warnings_name_lines_and_no_value() -> None:
    carried = carry(lists(), Previous(), said({"case_id": "secret", "decision": "rejected"}))
    assert about_feedback(carried.decisions) == (
        "feedback: 1 of 1 lines: no list has, or had, such a case (unknown_case; line 2)",
    )


def test_masked_lists_remember_no_personal_value(tmp_path: Path) -> None:
    feedback = said({"case_id": "a", "decision": "rejected"})
    carried = carry(lists(flags("a")), Previous(), feedback, masked=True)
    assert carried.decisions is not None
    told_of = carried.decisions["evidence"].explode().to_list()
    assert told_of
    assert not [fact for fact in told_of if fact.startswith(("person:", "change:"))]


def test_nothing_to_compare_with_leaves_all_cases_new() -> None:
    carried = carry(lists(flags("a")), Previous())
    assert dataclasses.asdict(carried)["notes"] == ()
    assert statuses(carried) == {"a": "new"}
    assert carried.decisions is None


def test_the_report_says_what_has_changed() -> None:
    counts = {"new": 1, "open": 41, "just_resolved": 2, "resolved": 3}
    page = since({
        "previous": {"started": "2026-10-01T08:00:00+00:00"},
        "life": {"sim": {"junk_sims": counts}},
        "feedback": {"outcomes": {"unknown_case": 7}},
    })  # fmt: skip
    assert "Compared with the run of 2026-10-01T08:00:00+00:00" in page
    assert "no list has, or had, such a case" in page
    assert "junk_sims" in page
    assert "41" in page
