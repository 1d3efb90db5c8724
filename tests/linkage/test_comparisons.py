"""Comparisons: which level a pair is at, by the very SQL that Splink runs.

Each pair is looked at both ways round: Splink decides which side is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage.clean import clean_frame
from linkage.config.models import FieldDeclaration
from linkage.engines.duckdb import DuckDBEngine
from linkage.features import features_of
from linkage.link.comparisons import COMPARISONS, Comparison
from linkage.link.model import FieldComparison
from tests.linkage.tables import context

NAME, TONES = COMPARISONS["person_name"]
(NUMBER,), (BIRTH,) = COMPARISONS["personal_id"], COMPARISONS["birth_date"]
(ADDRESS, PLACE), (SEX,) = COMPARISONS["address"], COMPARISONS["sex"]
ALL = (NAME, TONES, NUMBER, BIRTH, ADDRESS, SEX)

FIELD_TYPE = {NAME.name: "person_name", TONES.name: "person_name", PLACE.name: "address"}


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1) as engine:
        yield engine


def features(type_: str, texts: Sequence[str | None]) -> pl.DataFrame:
    """Features of a column of raw values, cleaned as a registry's are."""
    raw = pl.DataFrame({"f": texts}, schema={"f": pl.String}).with_columns(
        row=pl.int_range(1, pl.len() + 1), record_id=pl.int_range(pl.len()).cast(pl.String)
    )
    cleaned = clean_frame(raw, {"f": FieldDeclaration(type=type_)}, context())
    return cleaned.select(features_of({"f": type_}))


def levels(
    engine: DuckDBEngine, comparison: Comparison, left: pl.DataFrame, right: pl.DataFrame
) -> list[str]:
    """Label of each pair's level: the first whose condition holds."""
    compared = FieldComparison("f", comparison, first=True)
    columns = [f"f__{name}" for name in comparison.features]
    both = pl.concat(
        [
            left.select(pl.col(columns).name.suffix("_l")),
            right.select(pl.col(columns).name.suffix("_r")),
        ],
        how="horizontal",
    )
    engine.put("pairs", both.with_row_index("n"))
    cases = " ".join(
        f"WHEN {compared.sql(level)} THEN '{level.label}'"
        for level in comparison.levels
        if level.sql != "ELSE"
    )
    last = comparison.levels[-1].label
    labels = engine.frame(f"SELECT CASE {cases} ELSE '{last}' END AS label FROM pairs ORDER BY n")
    return labels["label"].to_list()


def level_of(
    engine: DuckDBEngine, comparison: Comparison, left: str | None, right: str | None
) -> str:
    """Level of one pair of raw values; the same whichever side is left."""
    type_ = FIELD_TYPE.get(comparison.name, comparison.name)
    one, other = features(type_, [left]), features(type_, [right])
    (label,), (swapped,) = (
        levels(engine, comparison, one, other),
        levels(engine, comparison, other, one),
    )
    assert label == swapped
    return label


NAMES = [
    (None, "Nguyễn Thị Lan", "missing"),
    ("Nguyễn Thị Lan", "NGUYEN THI LAN", "same name"),
    ("Ng. T. Lan", "Nguyễn Thị Lan", "abbreviated"),
    ("Lan Nguyễn Thị", "Nguyễn Thị Lan", "other order"),
    ("Nguyễn Thị Thúy", "Nguyễn Thị Thuý", "same name"),
    ("Nguyễn Thị Lý", "Nguyễn Thị Lí", "kindred spelling"),
    ("Lan N.T.", "Nguyễn Thị Lan", "abbreviated, other order"),
    ("Nguyễn Thị Lân", "Nguyễn Thị Lanh", "one edit apart"),
    ("Nguyễn Thị Lan", "Nguyễn Ngọc Lan", "middle name differs"),
    ("Nguyễn Thị Phương Thảo", "Nguyễn Thị Phương Thanh", "similar"),
    ("Nguyễn Thị Lan", "Trần Hoài Lan", "same given name"),
    ("Nguyễn Thị Lan", "Trần Quốc Bảo", "differ"),
]


@pytest.mark.parametrize(("left", "right", "label"), NAMES)
def test_names(engine: DuckDBEngine, left: str, right: str, label: str) -> None:
    assert level_of(engine, NAME, left, right) == label


def test_an_abbreviation_of_another_given_name_is_no_abbreviation(engine: DuckDBEngine) -> None:
    assert level_of(engine, NAME, "Ng. T. Loan", "Nguyễn Thị Lan") != "abbreviated"


def test_two_full_names_of_the_same_initials_are_not_abbreviated(engine: DuckDBEngine) -> None:
    assert level_of(engine, NAME, "Ngô Thu Lan", "Nguyễn Thị Lan") == "same given name"


TONE_PAIRS = [
    ("Nguyễn Thị Lan", "Nguyễn Thị Lan", "same tone marks"),
    ("Nguyễn Thị Lan", "Nguyễn Thị Lân", "differ"),
    ("Nguyễn Thị Lan", "NGUYEN THI LAN", "nothing to compare"),
    ("Nguyễn Thị Lan", "Trần Quốc Bảo", "nothing to compare"),
    (None, "Nguyễn Thị Lan", "nothing to compare"),
]


@pytest.mark.parametrize(("left", "right", "label"), TONE_PAIRS)
def test_tone_marks(engine: DuckDBEngine, left: str, right: str, label: str) -> None:
    assert level_of(engine, TONES, left, right) == label


DATES = [
    (None, "12/03/1990", "missing"),
    ("12/03/1990", "1990-03-12", "same date"),
    ("1990", "12/03/1990", "same year, day unknown"),
    ("01/01/1990", "12/03/1990", "same year, day unknown"),
    ("12/03/1990", "03/12/1990", "day and month swapped"),
    ("12/03/1990", "13/03/1990", "one digit apart"),
    ("21/03/1990", "12/03/1990", "one digit apart"),
    ("12/03/1990", "12/03/1991", "one digit apart"),
    ("30/03/1990", "01/04/1990", "within two days"),
    ("12/03/1990", "12/03/1974", "same day and month"),
    ("12/03/1990", "25/11/1990", "same year"),
    ("12/03/1990", "25/11/1974", "differ"),
    ("1990", "25/11/1974", "differ"),
]


@pytest.mark.parametrize(("left", "right", "label"), DATES)
def test_birth_dates(engine: DuckDBEngine, left: str, right: str, label: str) -> None:
    assert level_of(engine, BIRTH, left, right) == label


def test_a_placeholder_day_never_agrees_as_a_date(engine: DuckDBEngine) -> None:
    assert level_of(engine, BIRTH, "01/01/1990", "01/01/1990") == "same year, day unknown"


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ("01/01/1990", "1990-01-01", True),
        ("1990", "1990", True),
        ("30/02/1978", "30/02/1978", True),
        ("01/01/1990", "1990", False),
        ("30/02/1978", "31/02/1978", False),
        ("30/02/1978", "1978", False),
        ("1990", "1991", False),
        (None, None, False),
    ],
)
def test_what_a_look_up_calls_the_same_date(
    engine: DuckDBEngine, left: str | None, right: str | None, equal: bool
) -> None:
    assert BIRTH.equal is not None
    one, other = features("birth_date", [left]), features("birth_date", [right])
    for a, b in ((one, other), (other, one)):
        pair = [a.select(pl.all().name.suffix("_l")), b.select(pl.all().name.suffix("_r"))]
        engine.put("pair", pl.concat(pair, how="horizontal"))
        condition = BIRTH.equal.replace("{f}", "f")
        assert engine.number(f"SELECT coalesce({condition}, false)::INTEGER FROM pair") == equal


NOTHING = "nothing to compare"
PLACES = [
    (None, "Hà Nội", "missing", NOTHING),
    (
        "Số 12 phố Hàng Than, phường Ba Đình, Hà Nội",
        "số 12, phố Hàng Than, P. Ba Đình, TP Hà Nội",
        "same ward",
        "same place",
    ),
    (
        "Số 12 phố Hàng Than, phường Ba Đình, Hà Nội",
        "12 Châu Long, phường Ba Đình, Hà Nội",
        "same ward",
        "same house number",
    ),
    (
        "Số 12 phố Hàng Than, phường Ba Đình, Hà Nội",
        "số 40 phố Châu Long, phường Ba Đình, Hà Nội",
        "same ward",
        "differ",
    ),
    # Who says no more than the ward contradicts nobody in it.
    ("Số 12, phường Ba Đình, Hà Nội", "phường Ba Đình, Hà Nội", "same ward", NOTHING),
    ("Số 12, phường Ba Đình, Hà Nội", "Hà Nội", "ward unknown, same province", NOTHING),
    ("Số 12, phường Ba Đình, Hà Nội", "Số 12, phường Hoàn Kiếm, Hà Nội", "same province", NOTHING),
    ("Số 12, phường Ba Đình, Hà Nội", "Số 12, phường Hải Châu, Đà Nẵng", "differ", NOTHING),
    # A ward of before July 2025 and one of those that it became.
    (
        "Số 7, phường Cống Vị, quận Ba Đình, Hà Nội",
        "Số 7, phường Giảng Võ, Hà Nội",
        "same ward",
        "same place",
    ),
]


@pytest.mark.parametrize(("left", "right", "ward", "place"), PLACES)
def test_addresses(engine: DuckDBEngine, left: str, right: str, ward: str, place: str) -> None:
    assert level_of(engine, ADDRESS, left, right) == ward
    assert level_of(engine, PLACE, left, right) == place


HERE, MOVED = (
    "Số 12 phố Hàng Than, phường Ba Đình, Hà Nội",
    "Số 5 đường Lê Lợi, phường Hải Châu, Đà Nẵng",
)
NEAR = "Số 40 phố Châu Long, phường Ba Đình, Hà Nội"
SEEN_PLACES = [
    (HERE, MOVED, HERE, "place seen elsewhere", NOTHING),
    (HERE, MOVED, NEAR, "ward seen elsewhere", NOTHING),
    # The very place, seen elsewhere, says more than the register's ward; its ward says less.
    (HERE, NEAR, HERE, "place seen elsewhere", NOTHING),
    (HERE, NEAR, "phường Ba Đình, Hà Nội", "same ward", "differ"),
    # The register comes first.
    (HERE, HERE, HERE, "same ward", "same place"),
    (HERE, MOVED, "Số 1 phố Huế, phường Hai Bà Trưng, Hà Nội", "differ", NOTHING),
]


@pytest.mark.parametrize(("written", "register", "seen", "ward", "place"), SEEN_PLACES)
def test_addresses_seen_elsewhere(
    engine: DuckDBEngine, written: str, register: str, seen: str, ward: str, place: str
) -> None:
    record, person = features("address", [written]), features("address", [register])
    shown = features("address", [seen])
    person = person.with_columns(f__seen_places=shown["f__places"], f__seen_wards=shown["f__wards"])
    for sides in ((record, person), (person, record)):
        assert levels(engine, ADDRESS, *sides) == [ward]
        assert levels(engine, PLACE, *sides) == [place]


@pytest.mark.parametrize(
    ("left", "right", "label"),
    [(None, "Nữ", "missing"), ("Nữ", "F", "same"), ("Nam", "Nữ", "differ")],
)
def test_sexes(engine: DuckDBEngine, left: str, right: str, label: str) -> None:
    assert level_of(engine, SEX, left, right) == label


NOW, OLD = "001190012345", "011987654"


def numbers(current: str | None, *old: str, seen: Sequence[str] = ()) -> pl.DataFrame:
    """Number features of somebody with a current number, old ones, and some seen elsewhere."""
    schema: dict[str, pl.DataType] = {"f__numbers": pl.List(pl.String), "f__number": pl.String()}
    every = [n for n in (current, *old) if n]
    row: dict[str, Any] = {
        "f__numbers": every or None,
        "f__number": current,
        "f__old_numbers": list(old) if every else None,
        "f__seen_numbers": list(seen) or None,
    }
    lists = ("f__old_numbers", "f__seen_numbers")
    return pl.DataFrame([row], schema=schema | dict.fromkeys(lists, pl.List(pl.String)))


NUMBERS = [
    (numbers(None), numbers(NOW, OLD), "nothing to compare"),
    (numbers(None, OLD), numbers(NOW), "nothing to compare"),
    (numbers(NOW), numbers(NOW, OLD), "same number"),
    (numbers(None, OLD), numbers(NOW, OLD), "same number"),
    (numbers(None, OLD), numbers(NOW, seen=[OLD]), "number seen elsewhere"),
    # Better than that the two differ, and than that they are an edit apart.
    (numbers(NOW), numbers("079085004321", seen=[NOW]), "number seen elsewhere"),
    (numbers(NOW), numbers("001190012354", seen=[NOW]), "number seen elsewhere"),
    (numbers(NOW), numbers(NOW, seen=[OLD]), "same number"),
    (numbers(NOW), numbers("079085004321", seen=[OLD]), "differ"),
    # What other registries show is no number that could differ.
    (numbers(None, OLD), numbers(NOW, seen=["013456789"]), "nothing to compare"),
    (numbers(None), numbers(NOW, seen=[OLD]), "nothing to compare"),
    (numbers(NOW), numbers("001190012354"), "one edit apart"),
    (numbers(NOW), numbers("001190012346"), "one edit apart"),
    (numbers(NOW), numbers("101190012345"), "one edit apart"),
    (numbers(None, OLD), numbers(NOW, "013456789"), "old numbers differ"),
    (numbers(NOW), numbers("079085004321"), "differ"),
    (numbers(NOW, OLD), numbers("079085004321", "013456789"), "differ"),
]


@pytest.mark.parametrize(("left", "right", "label"), NUMBERS)
def test_numbers(engine: DuckDBEngine, left: pl.DataFrame, right: pl.DataFrame, label: str) -> None:
    assert levels(engine, NUMBER, left, right) == [label]
    assert levels(engine, NUMBER, right, left) == [label]


@pytest.mark.parametrize(
    ("comparison", "labels"),
    [
        (NAME, [label for *_, label in NAMES]),
        (TONES, [label for *_, label in TONE_PAIRS]),
        (BIRTH, [label for *_, label in DATES]),
        (ADDRESS, [label for *_, label, _ in (*PLACES, *SEEN_PLACES)]),
        (PLACE, [label for *_, label in (*PLACES, *SEEN_PLACES)]),
        (NUMBER, [label for *_, label in NUMBERS]),
        (SEX, ["missing", "same", "differ"]),
    ],
)
def test_every_level_is_reached_by_a_pair_above(comparison: Comparison, labels: list[str]) -> None:
    assert {level.label for level in comparison.levels} <= set(labels)


@pytest.mark.parametrize("comparison", ALL, ids=lambda comparison: comparison.name)
def test_agreement_is_told_by_levels_of_the_comparison(comparison: Comparison) -> None:
    scored = {level.label for level in comparison.levels if not level.is_null}
    assert comparison.agrees
    assert set(comparison.agrees) < scored


@pytest.mark.parametrize("comparison", ALL, ids=lambda comparison: comparison.name)
def test_the_first_level_is_null_and_the_last_is_else(comparison: Comparison) -> None:
    assert [level.is_null for level in comparison.levels] == [True] + [False] * (
        len(comparison.levels) - 1
    )
    assert [level.sql == "ELSE" for level in comparison.levels].index(True) == (
        len(comparison.levels) - 1
    )


@pytest.mark.parametrize("comparison", ALL, ids=lambda comparison: comparison.name)
def test_nothing_on_either_side_is_no_evidence(
    engine: DuckDBEngine, comparison: Comparison
) -> None:
    nothing = features(FIELD_TYPE.get(comparison.name, comparison.name), [None])
    assert levels(engine, comparison, nothing, nothing) == [comparison.levels[0].label]


# --- the law of symmetry --------------------------------------------------------------------------

WORDS = st.sampled_from(["Nguyễn", "Nguyên", "Ng.", "N.", "Thị", "T.", "Lan", "Lân", "Loan", "An"])
NAME_TEXTS = st.none() | st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
DATE_TEXTS = st.none() | st.builds(
    "{:02}/{:02}/{}".format,
    st.integers(1, 31),
    st.integers(1, 12),
    st.sampled_from([1990, 1991, 2009]),
)
NUMBER_TEXTS = st.none() | st.sampled_from(
    [NOW, "001190012354", "001190012346", "101190012345", OLD, "011987655", "C1234567", "C12345678"]
)
WARDS = ("phường Ba Đình", "phường Hoàn Kiếm", "phường Cống Vị, quận Ba Đình", None)
ADDRESS_TEXTS = st.none() | st.builds(
    lambda house, ward: ", ".join(text for text in (house, ward, "Hà Nội") if text),
    st.sampled_from(["số 1 Kim Mã", "số 1", "số 2 Kim Mã", None]),
    st.sampled_from(WARDS),
)


@pytest.mark.parametrize(
    ("comparison", "texts"),
    [
        (NAME, NAME_TEXTS),
        (TONES, NAME_TEXTS),
        (BIRTH, DATE_TEXTS),
        (NUMBER, NUMBER_TEXTS),
        (ADDRESS, ADDRESS_TEXTS),
    ],
    ids=lambda given: getattr(given, "name", ""),
)
def test_swapping_left_and_right_changes_nothing(
    engine: DuckDBEngine, comparison: Comparison, texts: st.SearchStrategy[str | None]
) -> None:
    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(texts, texts), min_size=40, max_size=60))
    def symmetric(pairs: list[tuple[str | None, str | None]]) -> None:
        type_ = FIELD_TYPE.get(comparison.name, comparison.name)
        one, other = (features(type_, [pair[side] for pair in pairs]) for side in (0, 1))
        there, back = (
            levels(engine, comparison, one, other),
            levels(engine, comparison, other, one),
        )
        assert there == back

    symmetric()
