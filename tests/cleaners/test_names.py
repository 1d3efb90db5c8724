"""Names: display, parts, titles, notes, and the laws that hold for every name."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners import names
from cleaners.names.reading import FIELDS, prepared, read_with_care, undamaged

POPULATION = Path(__file__).parents[2] / "sample_data" / "population.parquet"
WORDS = (
    "Nguyễn TRẦN lê Phạm Hoàng Huỳnh Vũ Võ Chu Văn THỊ Thị An Hoà hòa Thuý Đức đức Quý Quí Mỹ Y H' K' "
    "H Ka A Ng. V. T Tr. Ng~ Ông Anh Bà: BS. (chết) [mới] CÔNG TY TNHH MST 0101234567 0100233488-001 "
    "Cty Nguy?n 2 , ; và - ' Niê Êban Nie Thi NGUYễN"
)
texts = st.lists(st.sampled_from(WORDS.split()), max_size=7).map(" ".join) | st.text(
    alphabet="aăâđêôơưNTLĐẮẾ ạếộẽ.'(~?,%_2\u0303", max_size=25
)


def clean(raw: str | None) -> dict[str, object]:
    return (
        pl.select(names.clean(pl.lit(raw, dtype=pl.String).alias("n")))
        .unnest("n")
        .row(0, named=True)
    )


def cleaned(values: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"n": values}).select(names.clean("n")).unnest("n")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("NGUYỄN VĂN AN", "Nguyễn Văn An"),
        ("nguyễn thị lan", "Nguyễn Thị Lan"),
        ("NGUYễN THị THUỷ", "Nguyễn Thị Thuỷ"),
        ("Nguyễn  Văn\u00a0An ", "Nguyễn Văn An"),
        ("Lê McDonald", "Lê McDonald"),
        ("H'Hen Niê", "H'Hen Niê"),
        ("H'HEN NIÊ", "H'Hen Niê"),
    ],
)
def test_display_form(raw: str, value: str) -> None:
    assert clean(raw)["value"] == value


@pytest.mark.parametrize(
    ("raw", "family", "middle", "given_name", "initials"),
    [
        ("Nguyễn Văn An", "nguyen", "van", "an", "n v a"),
        ("Trần Thị Ngọc Ánh", "tran", "thi ngoc", "anh", "t t n a"),
        ("Lê Hoa", "le", None, "hoa", "l h"),
        ("Hoa", None, None, "hoa", "h"),
        ("Y Bih Mlô", "y", "bih", "mlo", "y b m"),
        ("Cty TNHH Hoa Sen", None, None, None, None),
    ],
)
def test_parts(
    raw: str, family: str | None, middle: str | None, given_name: str | None, initials: str | None
) -> None:
    done = clean(raw)
    parts = [done[field] for field in ("family", "middle", "given", "initials")]
    assert parts == [family, middle, given_name, initials]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("Ông Trần Văn Bình", "Trần Văn Bình"),
        ("Bà: Lê Thị Hoa", "Lê Thị Hoa"),
        ("Ông/Bà Lê Thị Hoa", "Lê Thị Hoa"),
        ("MR. LÊ NAM", "Lê Nam"),
        ("ThS. Lê Nam", "Lê Nam"),
        ("Anh Nguyễn Văn Hùng", "Nguyễn Văn Hùng"),
    ],
)
def test_titles_go(raw: str, value: str) -> None:
    done = clean(raw)
    assert (done["value"], done["issues"]) == (value, ["title_removed"])


@pytest.mark.parametrize("raw", ["Ông Thị Lan", "Anh Thơ", "Chu Hoàng Tài", "Chu Đình Cảnh"])
def test_a_name_that_looks_like_a_title_stays(raw: str) -> None:
    done = clean(raw)
    assert (done["value"], done["issues"]) == (raw, [])


@pytest.mark.parametrize(
    ("raw", "value", "note"),
    [
        ("Lê Văn An (đã mất)", "Lê Văn An", "đã mất"),
        ("Lê Văn An (chết", "Lê Văn An", "chết"),
        ("Lê [mới] An (cũ)", "Lê An", "mới; cũ"),
        ("Lê An ()", "Lê An", None),
    ],
)
def test_notes_in_brackets_stand_apart(raw: str, value: str, note: str | None) -> None:
    done = clean(raw)
    assert (done["value"], done["note"], done["issues"]) == (value, note, ["note_in_brackets"])


@pytest.mark.parametrize(
    ("raw", "issues"),
    [
        ("Lê Văn An", []),
        ("12345", ["unreadable_name"]),
        ("Nguy?n Văn An", ["lost_letters"]),
        ("Nguyễn Văn An 2", ["digits_in_name"]),
        ("Hoa", ["single_word"]),
        ("K'Brêu", []),
        ("Nguyễn Văn An, Lê Thị Hoa", ["several_names"]),
        ("Nguyễn Văn An và Lê Thị Hoa", ["several_names"]),
        ("Giả Nội / Y Dương", ["several_names"]),
        ("Và Bá Lềnh", []),
        ("  ", []),
        (None, []),
    ],
)
def test_issues(raw: str | None, issues: list[str]) -> None:
    assert clean(raw)["issues"] == issues


@pytest.mark.parametrize(
    ("raw", "lost"),
    [
        ("Nguyen Van An", True),
        ("PHAN MINH DUC", True),
        ("mai thi lan", True),
        ("tran minh", True),
        ("Phan Minh Linh", False),
        ("Lam An Khang", False),
        ("Robert Smith", False),
        ("Nguyễn Van An", False),
    ],
)
def test_lost_marks_are_told_from_names_without_marks(raw: str, lost: bool) -> None:
    assert ("diacritics_lost" in clean(raw)["issues"]) is lost  # type: ignore[operator]


def test_lost_letters_do_not_tear_the_name_apart() -> None:
    done = clean("Nguy?n Văn An")
    assert (done["fold"], done["pattern"]) == ("nguyn van an", "nguy_n van an")


def test_nothing_gives_nulls() -> None:
    done = clean(" ")
    assert {key: value for key, value in done.items() if value is not None} == {"issues": []}


def test_result_is_named_after_the_column_and_keeps_the_order() -> None:
    frame = pl.DataFrame({"ho_ten": ["Lê An", None, "Ng. Tư", "Lê An", "Y Moan", "Võ Bình"]})
    done = frame.select(names.clean("ho_ten"))
    assert done.columns == ["ho_ten"]
    given_names = ["an", None, "tu", "an", "moan", "binh"]
    assert done["ho_ten"].struct["given"].to_list() == given_names


def test_an_empty_column_has_all_fields() -> None:
    empty = pl.DataFrame({"n": []}, schema={"n": pl.String}).select(names.clean("n"))
    assert empty.unnest("n").schema == pl.Schema(FIELDS)


@settings(max_examples=20)
@given(st.lists(texts, min_size=5, max_size=20))
def test_cleaning_a_clean_value_changes_nothing(values: list[str]) -> None:
    once = cleaned(values)
    twice = once.select(names.clean("value")).unnest("value")
    kept = ["value", "fold", "tone", "family", "middle", "given", "kindred", "subject"]
    usable = once["value"].is_not_null()
    assert twice.filter(usable).select(kept).equals(once.filter(usable).select(kept))


@settings(max_examples=20)
@given(st.lists(texts, min_size=5, max_size=20))
def test_plain_names_are_read_as_with_care(values: list[str]) -> None:
    careful = (
        pl.LazyFrame({"raw": values})
        .pipe(undamaged)
        .pipe(prepared)
        .pipe(read_with_care)
        .select(*FIELDS)
        .collect()
    )
    assert cleaned(values).equals(careful)


@settings(max_examples=20)
@given(st.lists(texts, min_size=5, max_size=20))
def test_composed_and_decomposed_text_is_the_same_name(values: list[str]) -> None:
    both = pl.DataFrame({"n": values}).with_columns(d=pl.col("n").str.normalize("NFD"))
    done = both.select(names.clean("n").struct["fold"], d=names.clean("d").struct["fold"])
    assert done["fold"].equals(done["d"])


def test_correct_names_raise_no_alarm() -> None:
    population = pl.read_parquet(POPULATION).select(n="ho_ten")
    done = population.select(names.clean("n")).unnest("n")
    assert done["subject"].unique().to_list() == ["person"]
    assert done["issues"].explode().drop_nulls().to_list() == []
    assert (
        done.select(pl.col("pattern", "reordered", "note", "tax_code").count()).row(0) == (0,) * 4
    )


def test_plain_names_in_the_population_are_read_as_with_care() -> None:
    population = pl.read_parquet(POPULATION).select(n="ho_ten").unique()
    careful = (
        population.lazy()
        .select(raw="n")
        .pipe(undamaged)
        .pipe(prepared)
        .pipe(read_with_care)
        .select(*FIELDS)
        .collect()
    )
    assert population.select(names.clean("n")).unnest("n").equals(careful)
