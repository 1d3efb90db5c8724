"""Rules in YAML: what they may say, what is refused, and the page and command that list them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from linkage.cli import call
from linkage.config import load_job
from linkage.errors import ConfigError
from linkage.rules.expression import FUNCTIONS, canonical, faults
from linkage.rules.page import markdown
from tests.linkage.tables import PEOPLE, Row, mapping, rows_by, run_literal

ROOT = Path(__file__).parents[2]
LAN, BAO, *_ = PEOPLE
MANY: dict[str, Any] = {
    "predicate": "held >= {least} AND starts_with(sales_point, 'NM')",
    "description": {"en": "Sold at a night market to a holder of several numbers."},
    "basis": "our own practice",
    "severity": "medium",
    "action": "verify",
    "confidence": 0.8,
    "parameters": {"least": 2},
    "evidence": ["sales_point", "held"],
    "ladder": [{"action": "lock_outgoing", "days": 10}],
    "held_by": [],
}


def sims() -> list[Row]:
    shops = {"night": "NM-1", "day": "DB-1", "unknown": None}
    return [
        {
            "record_id": name,
            "full_name": LAN["full_name"],
            "personal_id": LAN["person_id"],
            "phone": f"09{n:08}",
            "sales_point": shop,
        }
        for n, (name, shop) in enumerate(shops.items())
    ]


def flagged(**rules: Any) -> dict[str, dict[str, Any]]:
    changes = {"link": {"exact": [["personal_id"]], "block": []}, "rules": rules}
    return rows_by(run_literal({"sim": sims()}, sim=changes)["sim"].junk_sims)


def test_a_rule_of_a_job_makes_cases_like_any_other() -> None:
    row = flagged(NIGHT_MARKET=MANY)["night"]
    assert (row["reasons"], row["severity"], row["action"]) == (
        ["NIGHT_MARKET"],
        "medium",
        "verify",
    )
    assert row["confidence"] <= 0.8
    told = json.loads(row["evidence"])
    assert told["NIGHT_MARKET"] == {"sales_point": "NM-1", "held": 3}
    assert [(step["step"], step["on"]) for step in told["ladder"]] == [
        ("verify", "2026-10-01"),
        ("lock_outgoing", "2026-10-11"),
    ]


def test_it_passes_and_is_unknown_like_any_other() -> None:
    found = flagged(NIGHT_MARKET=MANY)
    assert set(found) == {"night"}


def test_a_job_changes_or_switches_off_a_rule_of_the_declaration(tmp_path: Path) -> None:
    shipped = (ROOT / "configs" / "registries" / "sim.yaml").read_text(encoding="utf-8")
    own = "  NIGHT_MARKET:\n" + "".join(f"    {k}: {json.dumps(v)}\n" for k, v in MANY.items())
    (tmp_path / "registries").mkdir()
    (tmp_path / "registries" / "sim.yaml").write_text(shipped + own, encoding="utf-8")

    def rules(**changes: Any) -> dict[str, Any]:
        path = tmp_path / "job.yaml"
        job = mapping("sim", sim={"rules": changes})
        path.write_text(json.dumps(job), encoding="utf-8")
        return load_job(path).registries["sim"].rules

    assert rules()["NIGHT_MARKET"]["parameters"] == {"least": 2}
    assert rules(NIGHT_MARKET={"least": 5})["NIGHT_MARKET"]["parameters"] == {"least": 5}
    assert "NIGHT_MARKET" not in rules(NIGHT_MARKET=False)
    with pytest.raises(ConfigError, match="no parameter 'lest'"):
        rules(NIGHT_MARKET={"lest": 5})


@pytest.mark.parametrize(
    ("changes", "message", "hint"),
    [
        ({"predicate": "hold > 1"}, "unknown column 'hold'", "'held'"),
        ({"predicate": "held > {lest}"}, "no parameter 'lest'", "'least'"),
        ({"predicate": "held"}, "wrong type", "boolean"),
        ({"predicate": "held > sales_point"}, "does not work", "BIGINT"),
        ({"predicate": "held >"}, "no SQL expression", "held >= 4"),
        ({"predicate": "held > 1; DROP TABLE people"}, "no SQL expression", "one expression"),
        ({"predicate": "EXISTS (SELECT 1 FROM people)"}, "not allowed", "one expression"),
        ({"predicate": "held > (SELECT 1)"}, "not allowed", "subquery"),
        ({"predicate": "count(*) OVER () > 1"}, "not allowed", "window"),
        ({"predicate": "read_text('/etc/passwd') = ''"}, "not allowed", "read_text"),
        ({"predicate": "getenv('HOME') = ''"}, "not allowed", "getenv"),
        ({"predicate": "current_setting('threads') = '1'"}, "not allowed", "current_setting"),
        ({"predicate": "opened_on < current_date"}, "not allowed", "currentdate"),
        ({"predicate": "opened_on < now()"}, "not allowed", "now"),
        ({"predicate": "random() < 0.5"}, "not allowed", "rand"),
        ({"predicate": "people.full_name = 'x'"}, "unknown column", "full_name"),
        ({"evidence": ["sales_pont"]}, "unknown name 'sales_pont'", "'sales_point'"),
        ({"held_by": ["ELDERLY"]}, "unknown name 'ELDERLY'", "'ELDERLY_HOLDER'"),
        ({"severity": "grave"}, "severity", "high"),
        ({"action": "destroy"}, "action", "terminate"),
        ({"confidence": 2.0}, "confidence", "1"),
        ({"severty": "low"}, "severty", "'severity'"),
        ({"description": {"vi": "Chợ đêm."}}, "no English text", "en: "),
    ],
)
def test_what_a_rule_may_not_say_is_refused_with_its_place(
    changes: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        load_job(mapping("sim", sim={"rules": {"NIGHT_MARKET": {**MANY, **changes}}}))
    text = str(refused.value)
    assert "registries.sim.rules.NIGHT_MARKET" in text
    assert message in text
    assert hint in text


def test_an_unknown_code_without_a_predicate_is_no_rule() -> None:
    with pytest.raises(ConfigError, match="unknown rule 'NIGHT_MARKET'"):
        load_job(mapping("sim", sim={"rules": {"NIGHT_MARKET": {"least": 2}}}))


def test_a_shipped_rule_is_not_redefined() -> None:
    with pytest.raises(ConfigError, match="OVER_LIMIT has no parameter 'predicate'"):
        load_job(mapping("sim", sim={"rules": {"OVER_LIMIT": MANY}}))


def test_a_code_is_in_capitals() -> None:
    with pytest.raises(ConfigError, match="no rule code"):
        load_job(mapping("sim", sim={"rules": {"night market'": MANY}}))


def test_a_rule_made_for_another_registry_is_refused() -> None:
    with pytest.raises(ConfigError, match="not made for this registry"):
        load_job(mapping("vehicle", vehicle={"rules": {"CONSECUTIVE_BLOCK": {}}}))


def test_what_runs_is_the_expression_as_parsed() -> None:
    assert canonical("held>=4 /* ) OR (true */") == "held >= 4"
    assert canonical("sales_point = 'it''s'") == "sales_point = 'it''s'"


@pytest.mark.parametrize(
    "call",
    [
        "abs(n) > 1", "ceil(n) > 1", "coalesce(n, 0) > 1", "concat(t, 'a') = ''", "contains(t, 'a')",
        "date_diff('day', d, DATE '2026-01-01') > 3", "day(d) = 1", "extract(year FROM d) = 2020",
        "floor(n) > 1", "greatest(n, 1) > 1", "least(n, 1) > 1", "left(t, 1) = 'a'",
        "length(t) = 1", "list_contains(l, 'a')", "list_has_any(l, ['a'])", "lower(t) = 'a'",
        "month(d) = 1", "nullif(n, 1) > 1", "regexp_matches(t, '^a')", "replace(t, 'a', 'b') = 'b'",
        "right(t, 1) = 'a'", "round(n) > 1", "starts_with(t, 'a')", "substr(t, 1, 2) = 'ab'",
        "trim(t) = 'a'", "upper(t) = 'A'", "year(d) = 2020",
    ],
)  # fmt: skip
def test_the_listed_functions_work(call: str) -> None:
    assert call.split("(")[0] in FUNCTIONS
    columns = {"n": "BIGINT", "t": "VARCHAR", "d": "DATE", "l": "VARCHAR[]"}
    assert faults(call, columns) == []


def test_every_listed_function_is_tried_above() -> None:
    tried = test_the_listed_functions_work.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {call.split("(")[0] for call in tried} == set(FUNCTIONS)


def test_the_page_of_rules_is_the_codes_own() -> None:
    page = ROOT / "docs" / "rules.md"
    assert page.read_text(encoding="utf-8") == markdown(), (
        "write it anew: linkage rules --format markdown > docs/rules.md"
    )


def test_the_command_lists_rules_and_parameters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "job.yaml"
    job = mapping("sim", sim={"rules": {"OVER_LIMIT": {"ask_from": 6}, "INACTIVE": False}})
    path.write_text(json.dumps(job), encoding="utf-8")
    assert call(["rules", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "OVER_LIMIT  ask_from: 6, verify_from: 10" in shown
    assert "INACTIVE" not in shown
    assert "ELDERLY_HOLDER  from_age: 80" in shown
    assert call(["rules", "--format", "markdown"]) == 0
    assert capsys.readouterr().out == markdown()
