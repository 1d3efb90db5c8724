"""Harm: expected wrongful cases, and lists that keep to a limit."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.config import load_job
from linkage.contracts import ACTIONS, CORRECTIONS, DUPLICATE_ACTIONS, DUPLICATES, JUNK_SIMS
from linkage.contracts import RECORDS as RECORDS_LIST
from linkage.errors import ConfigError
from linkage.harm import WRONGFUL_LIMIT, Measured, bounds_of, expected, hold, reported
from linkage.harm.measured import measured_kind, with_leverage
from tests.linkage.tables import Row, mapping, run_literal

RECORDS = 10_000


def cases(*rows: tuple[str, float, str], person: str | None = None) -> pl.DataFrame:
    """Cases of ``case_id, confidence, action``, each of its own person or all of one."""
    return pl.DataFrame(
        [
            {
                "case_id": key,
                "record_id": key,
                "person_id": person or f"P{key}",
                "reasons": ["BORROWED_ID"],
                "severity": "high",
                "confidence": sure,
                "action": action,
                "protected": [],
                "evidence": "{}",
                "status": "new",
            }
            for key, sure, action in rows
        ],
        schema=JUNK_SIMS.schema,
    )


def actions(frame: pl.DataFrame) -> dict[str, str]:
    return dict(frame.select("case_id", "action").rows())


# --- expected -------------------------------------------------------------------------------------


def test_expected_wrongful_is_the_sum_of_the_doubts() -> None:
    found = expected(cases(("a", 0.9, "ask"), ("b", 0.7, "ask")), 1000)
    assert (found["cases"], found["wrongful"], found["per_10k"]) == (2, 0.4, 4.0)


def test_the_interval_stays_within_the_cases() -> None:
    found = expected(cases(("a", 0.5, "ask"), ("b", 0.5, "ask")), RECORDS)
    assert (found["wrongful_low"], found["wrongful_high"]) == (0, 2)  # within what there is


def test_cases_of_one_person_widen_the_interval() -> None:
    rows = [(str(n), 0.9, "ask") for n in range(40)]
    apart, together = expected(cases(*rows), RECORDS), expected(cases(*rows, person="P"), RECORDS)
    assert apart["wrongful"] == together["wrongful"] == 4.0
    assert apart["wrongful_high"] == pytest.approx(4 + 1.96 * (40 * 0.09) ** 0.5, abs=1e-3)
    assert together["wrongful_high"] == pytest.approx(4 + 1.96 * 40 * 0.3, abs=1e-2)


def test_nothing_is_expected_of_no_records() -> None:
    found = expected(cases(), 0)
    assert (found["cases"], found["wrongful"], found["per_10k"]) == (0, 0.0, None)


# --- hold -----------------------------------------------------------------------------------------


def test_without_a_limit_nothing_moves() -> None:
    given = cases(("a", 0.1, "terminate"))
    held = hold(given, {}, records=RECORDS)
    assert held.frame.equals(given)
    assert held.moved == {}


def test_the_least_confident_case_becomes_a_question() -> None:
    given = cases(("a", 1.0, "verify"), ("b", 0.5, "notify"), ("c", 1.0, "notify"))
    held = hold(given, {"default": 1}, records=RECORDS)
    assert actions(held.frame) == {"a": "verify", "b": "ask", "c": "notify"}
    assert held.frame["protected"].to_list() == [[], [WRONGFUL_LIMIT], []]
    assert held.moved == {"notify": 1}


def test_nothing_follows_a_question() -> None:
    ladder = '{"HOLDER":{"held":[1]},"ladder":[%s]}'
    steps = '{"step":"verify","on":"2026-10-01"},{"step":"lock_both","on":"2026-11-30"}'
    given = cases(("a", 0.5, "verify")).with_columns(evidence=pl.lit(ladder % steps))
    held = hold(given, {"default": 1}, records=RECORDS)
    asked = '{"step":"ask","on":"2026-10-01"}'
    assert held.frame["evidence"].to_list() == [ladder % asked]


def test_a_protection_is_kept_beside_the_new_one() -> None:
    given = cases(("a", 0.5, "verify")).with_columns(protected=pl.lit(["ELDERLY"]))
    held = hold(given, {"default": 1}, records=RECORDS)
    assert held.frame["protected"].to_list() == [["ELDERLY", WRONGFUL_LIMIT]]


def test_questions_are_no_harm_to_limit() -> None:
    given = cases(("a", 0.0, "ask"), ("b", 0.0, "none"))
    assert hold(given, {"default": 0}, records=RECORDS).frame.equals(given)


def test_a_limit_counts_harder_steps_too() -> None:
    sure = 1 - 1e-4
    given = cases(*((f"l{n}", sure, "lock_both") for n in range(50)), ("v", 0.99, "verify"))
    alone = hold(given.tail(1), {"verify": 0.22}, records=RECORDS)
    assert alone.moved == {}
    both = hold(given, {"verify": 0.22}, records=RECORDS)
    assert both.moved == {"verify": 1}


def test_a_step_may_have_a_limit_of_its_own() -> None:
    given = cases(("a", 0.9, "lock_outgoing"), ("b", 0.9, "notify"))
    held = hold(given, {"default": 5, "lock_outgoing": 0.5}, records=RECORDS)
    assert held.moved == {"lock_outgoing": 1}


def test_one_limit_alone_leaves_other_steps_free() -> None:
    given = cases(("a", 0.1, "terminate"), ("b", 0.1, "notify"))
    assert hold(given, {"terminate": 0}, records=RECORDS).moved == {"terminate": 1}


def test_the_limit_of_a_mild_step_holds_harder_ones_alone() -> None:
    given = cases(("a", 0.1, "terminate"))
    assert hold(given, {"notify": 0}, records=RECORDS).moved == {"terminate": 1}


def test_a_farm_on_one_link_is_as_doubtful_as_the_link() -> None:
    rows = [(str(n), 0.99, "verify") for n in range(30)]
    apart = hold(cases(*rows), {"default": 2}, records=RECORDS)
    together = hold(cases(*rows, person="P"), {"default": 2}, records=RECORDS)
    assert apart.moved == {}
    assert together.moved["verify"] > 10


def test_equally_sure_cases_of_one_person_go_together() -> None:
    one = cases(*((f"{n}a", 0.99, "verify") for n in range(20)), person="P")
    other = cases(*((f"{n}b", 0.99, "verify") for n in range(20)), person="Q")
    held = hold(pl.concat([other, one]), {"default": 4.105}, records=RECORDS).frame
    kept = held.filter(pl.col("action") == "verify")
    assert kept["person_id"].to_list() == ["P"] * 20


def test_a_group_of_duplicates_stays_together() -> None:
    rows = [
        {"case_id": key, "group_id": group, "record_id": key, "person_id": group, "keep": keep,
         "reasons": ["HELD_BY_ONE_PERSON"], "confidence": sure, "status": "new",
         "action": "none" if keep else "cancel"}
        for key, group, keep, sure in (
            ("a", "x", True, 1.0), ("b", "x", False, 1.0), ("c", "x", False, 0.5),
            ("d", "y", True, 1.0), ("e", "y", False, 1.0),
        )
    ]  # fmt: skip
    given = pl.DataFrame(rows, schema=DUPLICATES.schema)
    held = hold(given, {"default": 1}, records=RECORDS, group="group_id")
    assert held.frame["action"].to_list() == ["none", "ask", "ask", "none", "cancel"]
    assert held.moved == {"cancel": 2}


limits = st.dictionaries(
    st.sampled_from(["default", "notify", "verify", "lock_outgoing", "lock_both", "terminate"]),
    st.floats(0, 200),
    min_size=1,
)
rows = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(ACTIONS), st.integers(0, 9)), max_size=25
)


def made(given: list[tuple[float, str, int]]) -> pl.DataFrame:
    frame = cases(*((f"c{n}", sure, action) for n, (sure, action, _) in enumerate(given)))
    people = [f"P{person}" if person else None for _, _, person in given]
    return frame.with_columns(pl.Series("person_id", people, dtype=pl.String))


@given(rows, limits)
def test_no_step_becomes_harder_and_no_case_is_lost(
    drawn: list[tuple[float, str, int]], limit: dict[str, float]
) -> None:
    given = made(drawn)
    held = hold(given, limit, records=1000).frame
    assert held.drop("action", "protected").equals(given.drop("action", "protected"))
    for before, after, protected in zip(
        given["action"], held["action"], held["protected"], strict=True
    ):
        assert (after == before) != (after == "ask" and WRONGFUL_LIMIT in protected)


@given(rows, limits)
def test_every_limit_is_met(drawn: list[tuple[float, str, int]], limit: dict[str, float]) -> None:
    held = hold(made(drawn), limit, records=1000).frame
    for step in ACTIONS[ACTIONS.index("notify") :]:
        most = limit.get(step, limit.get("default"))
        if most is not None:
            beyond = held.filter(pl.col("action").is_in(ACTIONS[ACTIONS.index(step) :]))
            bound = expected(beyond, 1000)["per_10k_high"]
            assert isinstance(bound, float)
            assert bound <= most + 1e-3


@given(rows, limits)
def test_holding_twice_changes_nothing(
    drawn: list[tuple[float, str, int]], limit: dict[str, float]
) -> None:
    once = hold(made(drawn), limit, records=1000).frame
    twice = hold(once, limit, records=1000)
    assert twice.frame.equals(once)
    assert twice.moved == {}


@given(rows, limits, st.randoms())
def test_the_order_of_rows_does_not_matter(
    drawn: list[tuple[float, str, int]], limit: dict[str, float], random: Any
) -> None:
    given = made(drawn)
    order = list(range(given.height))
    random.shuffle(order)
    one = hold(given, limit, records=1000).frame
    other = hold(given[order], limit, records=1000).frame
    assert other.equals(one[order])


# --- measured on hidden numbers -------------------------------------------------------------------

ONE_IN_TEN = Measured(1000, 0.1, 0.08, 0.12, {"source": "hidden number", "per_10k": 7.0})


def measured_cases(*rows: tuple[str, float, str, float | None]) -> pl.DataFrame:
    """Cases of ``case_id, confidence, action`` and the probability of a link of the measured kind."""
    links = [{"record_id": key, "probability": p} for key, _, _, p in rows if p is not None]
    schema = {"record_id": pl.String, "probability": pl.Float64}
    return with_leverage(cases(*(row[:3] for row in rows)), pl.DataFrame(links, schema=schema))


def test_links_that_were_measured_worse_than_they_claim_raise_the_bound() -> None:
    given = measured_cases(*((str(n), 0.99, "verify", 0.99) for n in range(100)))
    claimed = expected(given, RECORDS)
    found = expected(given, RECORDS, ONE_IN_TEN)
    assert (claimed["wrongful"], claimed["source"]) == (1.0, "probabilities")
    assert (found["wrongful"], found["source"]) == (10.0, "measured")
    # chance of 100 links, and the measurement's own error
    assert found["wrongful_high"] == pytest.approx(10 + (1.96**2 * 9 + 2**2) ** 0.5, abs=1e-3)


def test_a_good_measurement_never_lowers_the_bound() -> None:
    given = measured_cases(*((str(n), 0.5, "verify", 0.5) for n in range(10)))
    assert expected(given, RECORDS, ONE_IN_TEN) == expected(given, RECORDS)


def test_a_rules_own_doubt_stays_beside_the_measurement() -> None:
    given = measured_cases(("a", 0.4, "verify", 0.8))
    found = expected(given, RECORDS, Measured(9, 0.5, 0.5, 0.5))
    assert found["wrongful"] == 0.75  # the rule is right of half, the link of half


def test_links_of_another_kind_are_left_as_they_are() -> None:
    given = measured_cases(("a", 0.99, "verify", None), ("b", 0.99, "verify", 0.99))
    assert expected(given.head(1), RECORDS, ONE_IN_TEN) == expected(given.head(1), RECORDS)
    assert expected(given, RECORDS, ONE_IN_TEN)["wrongful"] == 0.11


def test_a_list_is_held_to_the_higher_bound() -> None:
    given = measured_cases(("a", 0.999, "verify", 0.999), ("b", 0.998, "verify", None))
    room = {"default": 0.2}
    assert hold(given, room, records=RECORDS).moved == {}
    held = hold(given, room, records=RECORDS, measured=ONE_IN_TEN)
    assert actions(held.frame) == {"a": "ask", "b": "verify"}


def test_a_measurement_speaks_for_links_that_no_number_bears_out() -> None:
    rows = [
        {"record_id": key, "link_status": status, "outcome": outcome, "diff_fields": differing,
         "decided_by": by, "match_probability": 0.9}
        for key, status, outcome, differing, by in (
            ("borne out", "linked", "MATCH", [], "model"),
            ("name differs", "linked", "FIELD_DIFF", ["full_name"], "model"),
            ("another's", "linked", "FIELD_DIFF", ["personal_id"], "model"),
            ("mistyped", "linked", "NOT_FOUND", [], "model"),
            ("none", "linked", "NOT_CHECKED", None, "model"),
            ("told", "linked", "NOT_CHECKED", [], "feedback"),
            ("unsure", "review", "NOT_CHECKED", [], "model"),
        )
    ]  # fmt: skip
    records = pl.DataFrame(rows, schema={name: RECORDS_LIST.schema[name] for name in rows[0]})
    found = measured_kind(records, {"personal_id"})
    assert found["record_id"].to_list() == ["another's", "mistyped", "none"]


def test_the_manifest_says_where_the_bound_comes_from_and_the_list_keeps_its_columns() -> None:
    given = cases(("a", 0.999, "verify"))
    record = {"record_id": "a", "link_status": "linked", "outcome": "NOT_CHECKED",
              "match_probability": 0.999}  # fmt: skip
    records = pl.DataFrame([record], schema_overrides=RECORDS_LIST.schema).select(
        *(pl.col(c) if c in record else pl.lit(None, t).alias(c)
          for c, t in RECORDS_LIST.schema.items())
    ).with_columns(decided_by=pl.lit("model"))  # fmt: skip
    made = {"sim": {"records": records}}
    bounds = bounds_of({"sim": {}}, made, {"sim": ONE_IN_TEN}, {"sim": {"personal_id"}})
    assert bounds.hold("sim", "junk_sims", given).frame.equals(given)
    lists = {
        "junk_sims": given,
        "duplicates": DUPLICATES.empty(),
        "corrections": CORRECTIONS.empty(),
    }
    told = bounds.told("sim", lists, {})
    assert told["junk_sims"]["by_action"]["verify"]["source"] == "measured"
    assert told["corrections"]["all"]["source"] == "probabilities"
    assert ONE_IN_TEN.told()["without_number"] == {
        "tried": 1000, "per_10k": 1000, "low": 800, "high": 1200,
    }  # fmt: skip


@given(rows, limits)
def test_every_limit_is_met_as_measured_too(
    drawn: list[tuple[float, str, int]], limit: dict[str, float]
) -> None:
    frame = made(drawn)
    links = frame.filter(pl.col("case_id").hash(1) % 2 == 0).select(
        "record_id", probability="confidence"
    )
    held = hold(with_leverage(frame, links), limit, records=1000, measured=ONE_IN_TEN).frame
    for step in ACTIONS[ACTIONS.index("notify") :]:
        most = limit.get(step, limit.get("default"))
        if most is not None:
            beyond = held.filter(pl.col("action").is_in(ACTIONS[ACTIONS.index(step) :]))
            bound = expected(beyond, 1000, ONE_IN_TEN)["per_10k_high"]
            assert isinstance(bound, float)
            assert bound <= most + 1e-3


# --- what is told ---------------------------------------------------------------------------------


def test_the_report_tells_limit_and_moves_by_action() -> None:
    held = hold(cases(("a", 1.0, "verify"), ("b", 0.5, "verify")), {"default": 1}, records=RECORDS)
    told = reported(held.frame, records=RECORDS, limit={"default": 1.0}, moved=held.moved)
    assert (told["limit"], told["moved"]) == ({"default": 1.0}, 1)
    verify, ask = told["by_action"]["verify"], told["by_action"]["ask"]
    assert (verify["cases"], verify["limit"], verify["moved"], verify["wrongful"]) == (1, 1, 1, 0)
    assert (ask["cases"], ask["limit"], ask["per_10k"]) == (1, None, 0.5)
    assert told["by_severity"]["high"]["cases"] == 2


def test_resolved_cases_do_no_harm() -> None:
    given = cases(("a", 0.5, "verify")).with_columns(status=pl.lit("resolved"))
    assert reported(given, records=RECORDS, limit={})["all"]["wrongful"] == 0


def test_both_ladders_are_ordered_from_mild_to_hard() -> None:
    assert ACTIONS.index("ask") < ACTIONS.index("notify") < ACTIONS.index("terminate")
    assert DUPLICATE_ACTIONS.index("ask") < DUPLICATE_ACTIONS.index("merge")


# --- in a job -------------------------------------------------------------------------------------

DEAD: Row = {
    "record_id": "TB-1", "phone": "0912345678", "full_name": "Phạm Ngọc Hải",
    "birth_date": "05/11/1971", "personal_id": "048071000777", "activated_on": "2024-08-01",
}  # fmt: skip


@pytest.mark.parametrize(("limit", "is_asked"), [({}, False), (0, True), ({"default": 0}, True)])
def test_a_job_holds_its_lists(limit: Any, is_asked: bool) -> None:
    result = run_literal({"sim": [DEAD]}, sim={"max_wrongful_per_10k": limit})
    row = result["sim"].junk_sims.row(0, named=True)
    assert (WRONGFUL_LIMIT in row["protected"], row["action"] == "ask") == (is_asked, is_asked)
    told = result.manifest["registries"]["sim"]["harm"]["junk_sims"]
    assert told["moved"] == int(is_asked)
    assert told["records"] == 1


def test_a_registry_of_which_numbers_tell_too_little_is_not_measured() -> None:
    entry = run_literal({"sim": [DEAD]}).manifest["registries"]["sim"]
    assert entry["measured_wrong_links"] is None
    assert entry["harm"]["junk_sims"]["all"]["source"] == "probabilities"


def test_a_job_says_how_many_records_are_tried() -> None:
    assert load_job(mapping("sim")).config.harm.trial_records == 5_000
    assert load_job({**mapping("sim"), "harm": {"trial_records": 0}}).config.harm.trial_records == 0
    with pytest.raises(ConfigError, match="trial_records"):
        load_job({**mapping("sim"), "harm": {"trial_records": -1}})


def test_a_number_is_the_limit_of_every_step() -> None:
    job = load_job(mapping("sim", sim={"max_wrongful_per_10k": 5}))
    assert job.registries["sim"].max_wrongful_per_10k == {"default": 5.0}


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        (-1, "a number from 0 to 10000"),
        (True, "a number from 0 to 10000, or one by step"),
        ("5", "a number from 0 to 10000, or one by step"),
        ({"verify": "5"}, "a number from 0 to 10000"),
        ({"verfy": 5}, "did you mean 'verify'"),
        ({"ask": 5}, "default | notify | verify"),
    ],
)
def test_a_limit_that_is_none_is_refused(limit: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_job(mapping("sim", sim={"max_wrongful_per_10k": limit}))
    assert message in str(caught.value)
