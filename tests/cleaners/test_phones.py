"""Phone numbers: cleaning, and the fixed verbs with their twins."""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners import phones, reference
from cleaners.errors import CleanerError, ComponentError, FormatError
from cleaners.identifiers.protocol import Identifier
from cleaners.phones import plan, reading

# Built here, not by the first cleaner to need them.
CHANGES, PARTS = plan.changes(), plan.parts()


@cache
def clean(raw: str | None) -> tuple[str | None, str | None, list[str]]:
    expr = phones.clean(pl.lit(raw, dtype=pl.String).alias("p"))
    value, kind, issues = pl.select(expr).unnest("p").select("value", "kind", "issues").row(0)
    return value, kind, issues


def part(raw: str, name: str) -> Any:
    return pl.select(phones.clean(pl.lit(raw))).unnest("literal")[name].item()


@pytest.mark.parametrize(
    "raw",
    [
        "0901234567",
        "090 123 4567",
        "090.123.4567",
        "0901-234-567",
        "+84 90-123-4567",
        "84901234567",
        "84 0901234567",
        "0084901234567",
        "0084 (0)901234567",
        "084 901 234 567",
        "+84(0)901234567",
        "(+84) 901 234 567",
        "0901234567.0",
        "84901234567.0",
        "'0901234567",
        "０９０１２３４５６７",
        "tel:+84-90-123-4567",
        "ĐT: 0901 234 567",
        "SĐT 0901234567",
        "Điện thoại: 0901234567",
        "Zalo 0901234567",
    ],
)
def test_forms_of_one_mobile(raw: str) -> None:
    assert clean(raw) == ("+84901234567", "mobile", [])


def test_the_2018_renumbering_is_complete() -> None:
    assert phones.RENUMBERED == {
        "0162": "032", "0163": "033", "0164": "034", "0165": "035", "0166": "036", "0167": "037",
        "0168": "038", "0169": "039", "0120": "070", "0121": "079", "0122": "077", "0126": "076",
        "0128": "078", "0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082",
        "0186": "056", "0188": "058", "0199": "059",
    }  # fmt: skip


@pytest.mark.parametrize(("old", "new"), sorted(phones.RENUMBERED.items()))
def test_2018_renumbering_keeps_the_last_seven_digits(old: str, new: str) -> None:
    written = [f"{old}1234567", f"+84{old[1:]}1234567", f"84{old[1:]}1234567",
               f"0084{old[1:]}1234567", f"{old} 123 4567"]  # fmt: skip
    done = pl.DataFrame({"p": written}).select(phones.clean("p")).unnest("p")
    expected = (f"+84{new[1:]}1234567", "mobile", ["renumbered_phone"])
    assert done.select("value", "kind", "issues").rows() == [expected] * len(written)


def test_operators_of_new_and_old_ranges_agree() -> None:
    heads = list(phones.RENUMBERED.values())
    frame = pl.DataFrame({"p": [f"{head}1234567" for head in heads]})
    told = frame.select(phones.clean("p").struct["operator_range"]).to_series()
    operators = dict(zip(heads, told, strict=True))
    groups = {
        "Viettel": ["032", "033", "034", "035", "036", "037", "038", "039"],
        "MobiFone": ["070", "076", "077", "078", "079"],
        "VinaPhone": ["081", "082", "083", "084", "085"],
        "Vietnamobile": ["056", "058"],
        "Gmobile": ["059"],
    }
    assert operators == {new: name for name, heads in groups.items() for new in heads}


def test_leftovers_of_the_old_eleven_digit_ranges_stay_unknown() -> None:
    heads = [f"0{head}" for head in range(100, 200) if f"0{head}" not in phones.RENUMBERED]
    frame = pl.DataFrame({"p": [f"{head}1234567" for head in heads]})
    done = frame.select(phones.clean("p")).unnest("p")
    assert set(done["kind"]) == {"unknown"}


def test_every_province_of_63_has_its_area_code() -> None:
    assert sorted(phones.AREAS.values()) == sorted(reference.provinces()["name"])


def test_old_area_codes_lead_to_every_new_one_but_the_four_that_stayed() -> None:
    assert len(phones.OLD_AREAS) == 59
    assert set(phones.AREAS) - set(phones.OLD_AREAS.values()) == {"0210", "0211", "0218", "0219"}


@pytest.mark.parametrize(("old", "new"), sorted(phones.OLD_AREAS.items()))
def test_old_landlines_are_renumbered_unless_they_look_like_mobiles_of_today(
    old: str, new: str
) -> None:
    number = old + "38251234"[: 11 - len(new)]
    if len(number) == 10 and number[1] in "3578":
        assert clean(number) == (f"+84{number[1:]}", "mobile", clean(number)[2])
        assert "renumbered_landline" not in clean(number)[2]
    else:
        expected = "+84" + new[1:] + number[len(old) :]
        assert clean(number) == (expected, "landline", ["renumbered_landline"])
        assert part(number, "area") == phones.AREAS[new]


@pytest.mark.parametrize(
    ("raw", "value", "kind", "issues"),
    [
        ("901234567", "+84901234567", "mobile", ["leading_zero_lost"]),
        ("1621234567", "+84321234567", "mobile", ["renumbered_phone", "leading_zero_lost"]),
        ("2438251234", "+842438251234", "landline", ["leading_zero_lost"]),
        ("024 3825 1234", "+842438251234", "landline", []),
        ("024/38251234", "+842438251234", "landline", []),
        ("(+84)(024) 3825 1234", "+842438251234", "landline", []),
        ("0203 3825 123", "+842033825123", "landline", []),
        ("024 3825 1234 máy lẻ 12", "+842438251234", "landline", ["extension_removed"]),
        ("024 3825 1234 (ext. 12)", "+842438251234", "landline", ["extension_removed"]),
        ("02438251234x12", "+842438251234", "landline", ["extension_removed"]),
        ("19001234", "+8419001234", "service", []),
        ("1800 1234", "+8418001234", "service", []),
        ("+84 1900 1234", "+8419001234", "service", []),
        ("113", "+84113", "service", []),
        ("+1 415 555 2671", "+14155552671", "foreign", []),
        ("001 415 555 2671", "+14155552671", "foreign", []),
        ("0901234567 / 0912345678", "+84901234567", "mobile", ["several_numbers"]),
        ("0901234567 - 0912345678", "+84901234567", "mobile", ["several_numbers"]),
        ("0901234567; 0912345678", "+84901234567", "mobile", ["several_numbers"]),
        ("0901234567 hoặc 0912345678", "+84901234567", "mobile", ["several_numbers"]),
        ("090 123 4567 0912 345 678", "+84901234567", "mobile", ["several_numbers"]),
        ("0901234567 (vợ)", "+84901234567", "mobile", ["text_removed"]),
        ("O9O1234567", "+84901234567", "mobile", ["typed_letters"]),
        ("090l234567", "+84901234567", "mobile", ["typed_letters"]),
        ("0951234567", "+84951234567", "mobile", ["unallocated_prefix"]),
        ("0531234567", "+84531234567", "mobile", ["unallocated_prefix"]),
        ("02170000000", "+842170000000", "landline", ["unallocated_prefix"]),
        ("0000000000", None, "unknown", ["placeholder_number"]),
        ("+84000000000", None, "unknown", ["malformed_phone"]),
        ("1111111111", None, "unknown", ["placeholder_number"]),
        ("0123456789", None, "unknown", ["placeholder_number"]),
        ("01471234567", None, "unknown", ["malformed_phone"]),
        ("090123456", None, "unknown", ["malformed_phone"]),
        ("438251234", None, "unknown", ["malformed_phone"]),  # no zero to tell it from others
        ("6503825123", None, "unknown", ["malformed_phone"]),
        ("0672123456", None, "unknown", ["malformed_phone"]),
        ("O90123", None, "unknown", ["malformed_phone"]),
        ("8.4901E+10", None, "unknown", ["malformed_phone"]),
        ("٠٩٠١٢٣٤٥٦٧", None, "unknown", ["malformed_phone"]),
        ("không có", None, "unknown", ["malformed_phone"]),
        ("-", None, "unknown", ["malformed_phone"]),
        (" ", None, None, []),
        (None, None, None, []),
    ],
)
def test_other_numbers(
    raw: str | None, value: str | None, kind: str | None, issues: list[str]
) -> None:
    assert clean(raw) == (value, kind, issues)


@pytest.mark.parametrize(
    ("raw", "service", "prefix"),
    [
        ("18001234", "toll_free", "1800"),
        ("1900123456", "premium", "1900"),
        ("112", "emergency", None),
        ("115", "emergency", None),
        ("1080", "short", None),
        ("0901234567", None, "090"),
    ],
)
def test_services_are_told_apart(raw: str, service: str | None, prefix: str | None) -> None:
    assert (part(raw, "service"), part(raw, "prefix")) == (service, prefix)


@pytest.mark.parametrize(
    ("raw", "operator"),
    [
        ("0896123456", "MobiFone"),
        ("0891123456", None),
        ("0522123456", "Vietnamobile"),
        ("0521123456", None),
        ("0559123456", "Wintel"),
        ("0991123456", None),
        ("0995123456", "Gmobile"),
        ("0999123456", "Indochina Telecom"),
        ("02438251234", None),
    ],
)
def test_ranges_of_four_digits_are_told_apart(raw: str, operator: str | None) -> None:
    assert part(raw, "operator_range") == operator


def test_an_integer_column_has_lost_its_zeros() -> None:
    done = pl.DataFrame({"p": [901234567, None]}).select(phones.clean("p")).unnest("p")
    assert done["value"].to_list() == ["+84901234567", None]


def test_the_table_has_one_row_for_every_head_and_special_case() -> None:
    assert PARTS.height == plan.UNKNOWN + 1
    assert CHANGES.height == 2000


def test_the_numbers_that_are_renumbered_become_numbers_of_the_plan() -> None:
    indexed = CHANGES.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    rows = indexed.filter(pl.col("added").is_not_null())
    ten = pl.col("row") >= 1000
    width = pl.when(ten).then(10**7).otherwise(10**6)
    new = rows.with_columns(now=(pl.col("row") % 1000) * width + pl.col("added"))
    heads = new.select(
        pl.when(pl.col("now") < 10**9)
        .then(pl.col("now") // 10**6)
        .otherwise(pl.col("now") // 10**7)
    ).to_series()
    assert set(PARTS["kind"].gather(heads)) == {"mobile", "landline"}


def test_reading_gives_whole_numbers_rows_and_marks() -> None:
    raw = ["0901234567", "ĐT 01621234567 x1", "+1 415 555 2671", "113", "0", "x", " ", None]
    done = reading.read(pl.Series(raw)).struct.unnest()
    assert done["whole"].to_list() == [
        84901234567, 84321234567, 14155552671, 84113, None, None, None, None,
    ]  # fmt: skip
    assert done["row"].to_list() == [
        901, 321, plan.FOREIGN, plan.SERVICES["emergency"], plan.UNKNOWN, plan.UNKNOWN, None, None,
    ]  # fmt: skip
    assert (done["bits"] > 0).to_list() == [False, True, False, False, True, True, False, False]


# --- The fixed verbs ---

EXAMPLES = [
    "0901234567", "+84 90-123-4567", "84901234567", "0084901234567", "084901234567", "901234567",
    "01621234567", "+841621234567", "02438251234", "024 3825 1234", "0203 3825 123", "02303825123",
    "0438251234", "19001234", "+8418001234", "1900123456", "01900123456", "113", "+84113", "1800",
    "+14155552671", "0014155552671", "0901234567.0", "0901234567/8", "19001234/5",
    "８４９０１２３４５６７", "0901234567\n", "\x1c0901234567", "+",
    "84", "", " ", "-", "không có", "090O234567", "١٢٣",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(EXAMPLES),
    st.text(max_size=18),
    st.text(alphabet="0123456789+ -.()/x", max_size=18),
    st.from_regex(r"(\+84|0|84|0084)?[1-9][0-9]{2,10}", fullmatch=True),
)
# A call costs the same for one value as for forty: few examples, each a long column.
COLUMNS = st.lists(TEXTS, min_size=12, max_size=40)
few_columns = settings(max_examples=13)


def test_phones_meet_the_protocol_of_identifiers() -> None:
    verbs = [name for name in vars(Identifier) if not name.startswith("_")]
    assert [verb for verb in verbs if not callable(getattr(phones, verb, None))] == []


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("+84912345678", "0912 345 678"),
        ("02438251234", "024 3825 1234"),
        ("02838251234", "028 3825 1234"),
        ("02033825123", "0203 3825 123"),
        ("1900 123456", "1900 123456"),
        ("113", "113"),
    ],
)
def test_numbers_are_written_as_people_write_them(raw: str, written: str) -> None:
    assert phones.format(raw) == written


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("compacted", ["+84912345678", "+842033825123", "+8419001234", "+84113", "khôngcó"]),
        ("validated", ["+84912345678", "+842033825123", "+8419001234", "+84113", None]),
        ("valid", [True, True, True, True, False]),
        ("formatted", ["0912 345 678", "0203 3825 123", "1900 1234", "113", None]),
    ],
)
def test_twins_on_a_column(verb: str, expected: list[object]) -> None:
    raw = ["84 912.345.678", "0203 3825123", "1900-1234", "113.0", "không có"]
    done = pl.DataFrame({"p": raw}).select(getattr(phones, verb)("p"))
    assert done.columns == ["p"]
    assert done["p"].to_list() == expected


def test_parts_of_a_mobile_a_landline_and_a_service() -> None:
    assert phones.parse("+84 90 123 4567") == (
        "0901234567", "mobile", "090", "MobiFone", None, None,
    )  # fmt: skip
    assert phones.parse("024 3825 1234") == (
        "02438251234", "landline", "024", None, "Hà Nội", None,
    )  # fmt: skip
    assert phones.parse("1900 1234") == ("19001234", "service", "1900", None, None, "premium")


@pytest.mark.parametrize(
    ("raw", "error", "found"),
    [
        ("+14155552671", ComponentError, "another country's"),
        ("01621234567", ComponentError, "an 11-digit one of before 2018"),
        ("02303825123", ComponentError, "an 11-digit one of before 2018"),
        ("901234567", FormatError, "9 characters"),
        ("không có", FormatError, "7 characters"),
    ],
)
def test_an_error_says_what_is_wrong(raw: str, error: type[CleanerError], found: str) -> None:
    with pytest.raises(error) as caught:
        phones.validate(raw)
    assert caught.value.found == found


@given(TEXTS)
def test_validate_returns_the_compact_form_or_says_why_without_the_value(value: str) -> None:
    if phones.is_valid(value):
        assert phones.validate(value) == phones.compact(value)
        assert phones.validate(phones.format(value)) == phones.validate(value)
        assert phones.validate(phones.parse(value).national) == phones.validate(value)
    else:
        with pytest.raises(CleanerError) as caught:
            phones.validate(value)
        assert caught.value.hint
        assert len(value) < 5 or value not in str(caught.value)


@few_columns
@given(COLUMNS)
def test_twins_agree(values: list[str]) -> None:
    done = pl.DataFrame({"p": values}).select(
        compact=phones.compacted("p"), valid=phones.valid("p"), validated=phones.validated("p"),
        formatted=phones.formatted("p"), parsed=phones.parsed("p"),
    )  # fmt: skip
    good = [phones.is_valid(value) for value in values]
    pairs = list(zip(values, good, strict=True))
    nothing = dict.fromkeys(phones.Phone._fields)
    assert done["compact"].to_list() == [phones.compact(value) for value in values]
    assert done["valid"].to_list() == good
    assert done["validated"].to_list() == [phones.compact(v) if g else None for v, g in pairs]
    assert done["formatted"].to_list() == [phones.format(v) if g else None for v, g in pairs]
    assert done["parsed"].to_list() == [
        phones.parse(v)._asdict() if g else nothing for v, g in pairs
    ]


def test_twins_of_null_are_null() -> None:
    null = pl.lit(None, dtype=pl.String)
    done = pl.select(a=phones.compacted(null), b=phones.valid(null), c=phones.formatted(null))
    assert done.row(0) == (None, None, None)


@few_columns
@given(COLUMNS)
def test_cleaning_agrees_with_the_verbs_where_they_accept(values: list[str]) -> None:
    done = pl.DataFrame({"p": values}).select(
        "p", phones.clean("p").alias("c"), ok=phones.validated("p"), parsed=phones.parsed("p")
    )
    valid = done.filter(pl.col("ok").is_not_null())
    assert valid["c"].struct["value"].to_list() == valid["ok"].to_list()
    for name in plan.Parts._fields:
        assert valid["c"].struct[name].to_list() == valid["parsed"].struct[name].to_list()


@few_columns
@given(COLUMNS)
def test_a_clean_value_is_kept_and_a_vietnamese_one_is_valid(values: list[str]) -> None:
    once = pl.DataFrame({"p": values}).select(phones.clean("p")).unnest("p")
    twice = once.select(phones.clean("value")).unnest("value")
    assert twice["value"].to_list() == once["value"].to_list()
    ours = once.filter(pl.col("kind").is_in(["mobile", "landline", "service"]))
    assert ours.select(phones.valid("value"))["value"].to_list() == [True] * ours.height


@few_columns
@given(st.lists(st.from_regex(r"0[35789][0-9]{8}", fullmatch=True), min_size=6, max_size=30))
def test_every_mobile_is_kept(values: list[str]) -> None:
    once = pl.DataFrame({"p": values}).select(phones.clean("p").struct["value"].alias("p"))
    assert once["p"].to_list() == ["+84" + value[1:] for value in values]


@few_columns
@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), min_size=8, max_size=30))
def test_garbage_gives_no_value_without_digits(values: list[str | None]) -> None:
    frame = pl.DataFrame({"p": values}, schema={"p": pl.String})
    done = frame.select(phones.clean("p")).unnest("p")
    assert (
        done.filter(pl.col("value").is_not_null())
        .select(pl.col("value").str.contains(r"^\+[0-9]+$").all())
        .item()
    )
