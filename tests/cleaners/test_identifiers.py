"""Identifiers: the shared contract, and each scheme's own cases."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.vn import mst

from cleaners.errors import CleanerError, ComponentError, FormatError
from cleaners.identifiers import (
    SCHEMES,
    chassis,
    cmnd,
    compacting,
    engine,
    insurance_card,
    insurance_number,
    licence_class,
    licence_number,
    ordinary,
    passport,
    personal_id,
    personal_number,
    plate,
    tax_code,
)
from cleaners.identifiers.protocol import Identifier

# Built here, not by the first cleaner to need it.
BEGINS = ordinary.begins()
MODULES: list[Any] = list(SCHEMES.values())
EXAMPLES = [
    "001190012345",
    "001 190.012-345",
    "999190012345",
    "001990012345",
    "1190012345",
    "79090001234.0",
    "024681357",
    "24681357",
    "123456789",
    "000000000",
    "B1234567",
    "c12345678",
    "7.9E+10",
    "790051234567",
    "130051234567",
    "799051234567",
    "90051234567",
    "AB123456",
    "GD4797912345678",
    "gd 4 79 7912345678",
    "GD9797912345678",
    "7912345678",
    "912345678",
    "30A-123.45",
    "29-B1 123.45",
    "29-MĐ1 123.45",
    "KC-12-34",
    "80-123-NG-01",
    "99Z1234",
    "RLHJF1234BY005678",
    "RLHJFI234BYO05678",
    "honda",
    "0100233488",
    "0100233489",
    "0314409058-002",
    "0314409058-000",
    "100233488",
    "",
    " ",
    "-",
    "\u200b",
    "abc",
    "12345",
    "１２３",
]
TEXTS = st.one_of(
    st.sampled_from(EXAMPLES),
    st.text(max_size=18),
    st.text(alphabet="0123456789ABĐđ -.", max_size=18),
    st.from_regex(r"[0-9]{9,15}", fullmatch=True),
)
# A call costs the same for one value as for forty: few examples, each a long column.
COLUMNS = st.lists(TEXTS, min_size=12, max_size=40)
few_columns = settings(max_examples=13)


def parts(module: Any, raw: str | None) -> dict[str, Any]:
    expr = module.clean(pl.lit(raw, dtype=pl.String).alias("x"))
    return pl.select(expr).unnest("x").row(0, named=True)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_meets_the_protocol(module: Any) -> None:
    verbs = [name for name in vars(Identifier) if not name.startswith("_")]
    assert [verb for verb in verbs if not callable(getattr(module, verb, None))] == []
    assert module.clean.__doc__
    assert sorted(module.__all__) == module.__all__ or module.__all__


@pytest.mark.parametrize("module", MODULES)
@few_columns
@given(values=COLUMNS)
def test_scalar_and_column_agree_on_validity(module: Any, values: list[str]) -> None:
    by_column = pl.DataFrame({"x": values}).select(module.valid("x"))["x"].to_list()
    assert by_column == [module.is_valid(value) for value in values]


@pytest.mark.parametrize("module", MODULES)
@few_columns
@given(values=COLUMNS)
def test_a_clean_value_is_valid_text_that_cleaning_keeps(module: Any, values: list[str]) -> None:
    once = pl.DataFrame({"x": values}).select(module.clean("x").struct["value"].alias("x"))
    twice = once.select(module.clean("x").struct["value"].alias("x"))
    assert twice.equals(once)


@pytest.mark.parametrize("module", MODULES)
@given(value=TEXTS)
def test_validate_returns_the_compact_form_or_says_why_without_the_value(
    module: Any, value: str
) -> None:
    if module.is_valid(value):
        assert module.validate(value) == module.compact(value)
        assert module.validate(module.format(value)) == module.validate(value)
    else:
        with pytest.raises(CleanerError) as caught:
            module.validate(value)
        assert caught.value.hint
        assert len(value) < 5 or value not in str(caught.value)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("raw", [None, "", "  ", " - "])
def test_blank_gives_nulls_and_no_issue(module: Any, raw: str | None) -> None:
    done = parts(module, raw)
    assert {key: value for key, value in done.items() if value is not None} == {"issues": []}


@pytest.mark.parametrize(
    ("raw", "value", "kind", "issues"),
    [
        ("001190012345", "001190012345", "personal_number", []),
        ("'001 190.012-345", "001190012345", "personal_number", []),
        ("1190012345", "001190012345", "personal_number", ["leading_zero_lost"]),
        ("79090001234.0", "079090001234", "personal_number", ["leading_zero_lost"]),
        ("024681357", "024681357", "cmnd", ["old_number"]),
        ("24681357", "024681357", "cmnd", ["leading_zero_lost", "old_number"]),
        ("c1234567", "C1234567", "passport", []),
        ("123456789", None, None, ["placeholder_number"]),
        ("111111111111", None, None, ["placeholder_number"]),
        ("7.9E+10", None, None, ["digits_lost"]),
        ("12345678901234", None, None, ["malformed_number"]),
        ("999190012345", "999190012345", "personal_number", ["unknown_province"]),
        ("001990012345", "001990012345", "personal_number", ["impossible_century"]),
        ("OO119OOI2345", "001190012345", "personal_number", ["typed_letters"]),
        ("00ll90012345", "001190012345", "personal_number", ["typed_letters"]),
        ("02468I357", "024681357", "cmnd", ["old_number", "typed_letters"]),
        ("O12345678", "O12345678", "passport", []),
        ("9O9190012345", None, None, ["malformed_number"]),
        ("271450001", "271450001", "cmnd", ["old_number", "shared_number_range"]),
        ("271500000", "271500000", "cmnd", ["old_number", "shared_number_range"]),
        ("271500001", "271500001", "cmnd", ["old_number"]),
        ("000123456", None, None, ["malformed_number"]),
        ('="001190012345"', "001190012345", "personal_number", []),
        ("００１１９００１２３４５", "001190012345", "personal_number", []),
        ("+01190012345", None, None, ["malformed_number"]),
    ],
)
def test_personal_id(raw: str, value: str | None, kind: str | None, issues: list[str]) -> None:
    done = parts(personal_id, raw)
    assert (done["value"], done["kind"], done["issues"]) == (value, kind, issues)


FULL = st.from_regex(r"0(01|02|79|96)[0-3][0-9]{8}", fullmatch=True)


@few_columns
@given(st.lists(FULL, min_size=12, max_size=40))
def test_personal_id_parts_agree_with_parse(numbers: list[str]) -> None:
    done = pl.DataFrame({"x": numbers}).select(personal_id.clean("x")).unnest("x")
    told = done.with_columns(raw=pl.Series(numbers)).filter(pl.col("kind").is_not_null())
    parsed = [personal_id.parse(number)[:3] for number in told["raw"]]
    assert told.select("province", "sex", "birth_year").rows() == parsed


@few_columns
@given(st.lists(st.from_regex(r"[0-9]{12}|0(01|12)[0-4][0-9]{8}", fullmatch=True), min_size=12))
def test_a_quote_in_front_changes_nothing_that_is_told(numbers: list[str]) -> None:
    # With it, a number cannot go the short way.
    frame = pl.DataFrame({"short": numbers, "long": ["'" + number for number in numbers]})
    done = frame.select(personal_id.clean("short"), personal_id.clean("long"))
    assert done["short"].to_list() == done["long"].to_list()


@pytest.mark.parametrize(
    ("begin", "sex"),
    [(11, "female"), (790, "male"), (13, "female"), (14, None), (1234, None), (9991, None)],
)
def test_what_the_first_four_digits_tell(begin: int, sex: str | None) -> None:
    assert BEGINS["sex"][begin] == sex


@pytest.mark.parametrize(
    ("raw", "error"),
    [("12345", FormatError), ("999190012345", ComponentError), ("001990012345", ComponentError)],
)
def test_personal_id_says_what_is_wrong(raw: str, error: type[CleanerError]) -> None:
    with pytest.raises(error, match=r"expected .* found .* try:"):
        personal_id.validate(raw)


@pytest.mark.parametrize(
    ("raw", "value", "kind", "issues"),
    [
        ("790051234567", "790051234567", "pet", []),
        ("10051234567", "010051234567", "pet", ["leading_zero_lost"]),
        ("AB123456", "AB123456", "paper", ["paper_licence"]),
        ("130051234567", "130051234567", "pet", ["unknown_province"]),
        ("799051234567", "799051234567", "pet", ["impossible_century"]),
        ("123", None, None, ["malformed_number"]),
    ],
)
def test_licence_number(raw: str, value: str | None, kind: str | None, issues: list[str]) -> None:
    done = parts(licence_number, raw)
    assert (done["value"], done["kind"], done["issues"]) == (value, kind, issues)


@pytest.mark.parametrize(
    ("raw", "value", "group", "issues"),
    [
        ("GD 4 79 7912345678", "7912345678", "GD", []),
        ("7912345678", "7912345678", None, []),
        ("112345678", "0112345678", None, ["leading_zero_lost"]),
        ("079090001234", "079090001234", None, ["personal_number_given"]),
        ("0000000000", None, None, ["placeholder_number"]),
        ("GD9797912345678", None, None, ["malformed_number"]),
    ],
)
def test_insurance_number(
    raw: str, value: str | None, group: str | None, issues: list[str]
) -> None:
    done = parts(insurance_number, raw)
    assert (done["value"], done["group"], done["issues"]) == (value, group, issues)


def test_insurance_card_parts() -> None:
    done = parts(insurance_card, "hs 4 01 0123456789")
    assert done == {
        "value": "HS4010123456789",
        "number": "0123456789",
        "group": "HS",
        "benefit": "4",
        "province": "01",
        "issues": [],
    }


@pytest.mark.parametrize(
    ("raw", "value", "kind", "province", "issues"),
    [
        ("30A-123.45", "30A12345", "civil", "01", []),
        ("72-C1 123.45", "72C112345", "civil", "79", []),
        ("29-MĐ1 2345", "29MD12345", "civil", "01", []),
        ("KC-12-34", "KC1234", "army", None, []),
        ("80-123-NG-01", "80123NG01", "foreign", None, []),
        ("13A-12345", "13A12345", "civil", None, ["unknown_province"]),
        ("30O-12345", "30O12345", "civil", "01", ["unusual_series"]),
        ("xe may", None, None, None, ["malformed_plate"]),
    ],
)
def test_plate(
    raw: str, value: str | None, kind: str | None, province: str | None, issues: list[str]
) -> None:
    done = parts(plate, raw)
    assert [done[k] for k in ("value", "kind", "province", "issues")] == [
        value,
        kind,
        province,
        issues,
    ]


@pytest.mark.parametrize(
    ("raw", "value", "kind", "issues"),
    [
        ("rlhjf1234by005678", "RLHJF1234BY005678", "vin", []),
        ("RLHJFI234BYO05678", "RLHJF1234BY005678", "vin", ["misread_letters"]),
        ("C50-123456", "C50123456", "short", []),
        ("00000000", None, None, ["placeholder_number"]),
        ("HONDA", None, None, ["malformed_number"]),
    ],
)
def test_chassis(raw: str, value: str | None, kind: str | None, issues: list[str]) -> None:
    done = parts(chassis, raw)
    assert (done["value"], done["kind"], done["issues"]) == (value, kind, issues)


@pytest.mark.parametrize(
    ("raw", "value", "branch", "issues"),
    [
        ("0100233488", "0100233488", None, []),
        ("0314409058-002", "0314409058002", "002", []),
        ("100233488", "0100233488", None, ["leading_zero_lost"]),
        ("079090001234", "079090001234", None, []),
        ("0100233489", None, None, ["wrong_check_digit"]),
        ("12", None, None, ["malformed_number"]),
    ],
)
def test_tax_code(raw: str, value: str | None, branch: str | None, issues: list[str]) -> None:
    done = parts(tax_code, raw)
    assert (done["value"], done["branch"], done["issues"]) == (value, branch, issues)


@pytest.mark.parametrize(
    ("raw", "value", "sex", "issues"),
    [
        ("001190012345", "001190012345", "female", []),
        ("1190012345", "001190012345", "female", ["leading_zero_lost"]),
        ("OO1190012345", "001190012345", "female", ["typed_letters"]),
        ("001990012345", "001990012345", None, ["impossible_century"]),
        ("999190012345", "999190012345", "female", ["unknown_province"]),
        ("024681357", None, None, ["malformed_number"]),
        ("1.19E+11", None, None, ["digits_lost"]),
        ("111111111111", None, None, ["placeholder_number"]),
    ],
)
def test_personal_number(raw: str, value: str | None, sex: str | None, issues: list[str]) -> None:
    done = parts(personal_number, raw)
    assert (done["value"], done["sex"], done["issues"]) == (value, sex, issues)


@pytest.mark.parametrize(
    ("raw", "value", "issues"),
    [
        ("011 987 654", "011987654", []),
        ("11987654", "011987654", ["leading_zero_lost"]),
        ("O11987654", "011987654", ["typed_letters"]),
        ("271450001", "271450001", ["shared_number_range"]),
        ("399987654", "399987654", ["unknown_prefix"]),
        ("123456789", None, ["placeholder_number"]),
        ("9.9E+8", None, ["digits_lost"]),
        ("001190012345", None, ["malformed_number"]),
    ],
)
def test_cmnd(raw: str, value: str | None, issues: list[str]) -> None:
    done = parts(cmnd, raw)
    assert (done["value"], done["issues"]) == (value, issues)


@pytest.mark.parametrize(
    ("number", "confirmed", "recalled"),
    [
        ("011987654", ["001"], []),
        ("131987654", ["025"], ["026"]),
        ("095987654", ["006"], []),
        ("091987654", [], ["019"]),
        ("230987654", ["064"], []),
        ("233987654", [], ["062"]),
        ("281987654", [], []),
    ],
)
def test_a_prefix_tells_who_issued_a_cmnd(
    number: str, confirmed: list[str], recalled: list[str]
) -> None:
    assert cmnd.parse(number)[2:] == (confirmed, recalled)
    done = parts(cmnd, number)
    assert (done["provinces"], done["recalled_provinces"]) == (confirmed, recalled)


@pytest.mark.parametrize(
    ("raw", "kind", "issues"),
    [
        ("0123456789", "number", []),
        ("0I23456789", "number", ["typed_letters"]),
        ("7.9E+9", None, ["digits_lost"]),
        ("079O90001234", "personal_number", ["personal_number_given", "typed_letters"]),
        ("GD4790000000000", None, ["malformed_number"]),
        ("HS4010123456789", "card", []),
    ],
)
def test_kinds_of_an_insurance_number(raw: str, kind: str | None, issues: list[str]) -> None:
    done = parts(insurance_number, raw)
    assert (done["kind"], done["issues"]) == (kind, issues)


@pytest.mark.parametrize(
    ("raw", "value", "number", "issues"),
    [
        ("0123456789", None, "0123456789", ["number_without_card"]),
        ("079090001234", None, "079090001234", ["personal_number_given"]),
        ("GD4790000000000", None, None, ["placeholder_number"]),
        ("0000000000", None, None, ["placeholder_number"]),
        ("ZZ4010123456789", "ZZ4010123456789", "0123456789", ["unknown_group"]),
        ("GD4030123456789", "GD4030123456789", "0123456789", ["unknown_province"]),
        ("GD5010123456789", "GD5010123456789", "0123456789", ["benefit_disagrees"]),
        ("QN5970123456789", "QN5970123456789", "0123456789", []),
        ("TE1010123456789", "TE1010123456789", "0123456789", []),
        ("GD9010123456789", None, None, ["malformed_number"]),
    ],
)
def test_insurance_card(raw: str, value: str | None, number: str | None, issues: list[str]) -> None:
    done = parts(insurance_card, raw)
    assert (done["value"], done["number"], done["issues"]) == (value, number, issues)


@pytest.mark.parametrize(
    ("raw", "series", "serial", "issues"),
    [
        ("29-B1 1234", "B1", "1234", []),
        ("29B1-1234", "B1", "1234", []),
        ("29B11234", "B", "11234", []),
        ("29B-112.34", "B", "11234", []),
        ("3OA-12345", "A", "12345", ["typed_letters"]),
        ("30A-1234l", "A", "12341", ["typed_letters"]),
        ("30-MĐ1 2345", "MD", "12345", []),
        ("80-123-NG-01", "NG", "01", []),
        ("KC-1234", "KC", "1234", []),
        ("LOI", None, None, ["malformed_plate"]),
    ],
)
def test_series_and_serial_of_a_plate(
    raw: str, series: str | None, serial: str | None, issues: list[str]
) -> None:
    done = parts(plate, raw)
    assert (done["series"], done["serial"], done["issues"]) == (series, serial, issues)


@pytest.mark.parametrize(
    ("raw", "value", "issues"),
    [
        ("jf66e-9250952", "JF66E9250952", []),
        ("0000000", None, ["placeholder_number"]),
        ("?", None, ["malformed_number"]),
    ],
)
def test_engine(raw: str, value: str | None, issues: list[str]) -> None:
    done = parts(engine, raw)
    assert (done["value"], done["issues"]) == (value, issues)


@pytest.mark.parametrize(
    ("raw", "value", "issues"),
    [
        ("b 1234567", "B1234567", []),
        ("0000000", None, ["placeholder_number"]),
        ("ABCDEFG", None, ["malformed_number"]),
    ],
)
def test_passport(raw: str, value: str | None, issues: list[str]) -> None:
    done = parts(passport, raw)
    assert (done["value"], done["issues"]) == (value, issues)


def test_a_foreign_plate_has_its_own_parts() -> None:
    assert plate.parse("80-123-NG-01") == ("foreign", "80", "NG", "01")
    assert plate.parse("KC-12-34") == ("army", None, "KC", "1234")


def test_a_branch_of_a_tax_code_that_lost_its_zero_is_found() -> None:
    done = parts(tax_code, "314409058-002")
    assert (done["value"], done["branch"]) == ("0314409058002", "002")
    assert done["issues"] == ["leading_zero_lost"]


@given(st.from_regex("[0-9]{10}([0-9]{3})?", fullmatch=True))
def test_tax_codes_agree_with_the_well_known_library(code: str) -> None:
    right = [code[:9] + digit + code[10:] for digit in "0123456789"]
    assert [tax_code.is_valid(text) for text in right] == [mst.is_valid(text) for text in right]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([], []),
        ([None, "012"], [(None, None, None), ("012", None, None)]),
        (["012", " 3-4 "], [("012", None, None), ("34", False, False)]),
        (["O12", "o1X"], [("012", True, False), ("O1X", False, False)]),
        (
            ["7.9E+10", "12.0", "-"],
            [("79E+10", False, True), ("12", False, False), (None, False, False)],
        ),
    ],
)
def test_only_what_is_not_plain_digits_is_repaired(
    raw: list[str | None], expected: list[tuple[object, ...]]
) -> None:
    is_good = pl.col("fixed").str.contains("^[0-9]+$")
    done = compacting.judged(pl.Series("raw", raw, dtype=pl.String), is_good)
    assert done.struct.unnest().rows() == expected


@pytest.mark.parametrize(
    ("raw", "day", "value", "is_new", "issues"),
    [
        ("a1", datetime.date(2024, 12, 31), "A1", False, []),
        ("A1", datetime.date(2025, 1, 1), "A1", True, []),
        ("B1", None, "B1", None, ["class_changed_meaning"]),
        ("B 2", None, "B2", False, []),
        ("BE", None, "BE", True, []),
        ("C", None, "C", None, []),
        ("B2", datetime.date(2025, 1, 1), "B2", True, ["class_date_disagrees"]),
        ("BE", datetime.date(2024, 1, 1), "BE", False, ["class_date_disagrees"]),
        ("Z", None, None, None, ["unknown_class"]),
        (" ", None, None, None, []),
        (None, None, None, None, []),
    ],
)
def test_a_licence_class_means_what_it_meant_on_its_day(
    raw: str | None,
    day: datetime.date | None,
    value: str | None,
    is_new: bool | None,
    issues: list[str],
) -> None:
    frame = pl.DataFrame({"x": [raw], "d": [day]}, schema={"x": pl.String, "d": pl.Date})
    done = frame.select(licence_class.clean("x", issued="d")).unnest("x").row(0)
    assert done == (value, is_new, issues)


def test_a_licence_class_without_a_day_of_issue() -> None:
    assert parts(licence_class, "A1")["issues"] == ["class_changed_meaning"]
