from __future__ import annotations

import datetime
import io
from functools import cache
from pathlib import Path

import polars as pl
import pytest
import yaml

from cleaners import encodings
from cleaners.issue_codes import MEANINGS
from cleaners.profiling import Profile, profile

ROOT = Path(__file__).parents[2]
TODAY = datetime.date(2026, 10, 1)
COUNT = 50


def looks(values: list[object], *, name: str = "c7") -> tuple[str, float]:
    found = profile(pl.DataFrame({name: values}), reference_date=TODAY)
    row = found.columns.row(0, named=True)
    return row["looks_like"], row["confidence"]


@cache
def sample(name: str) -> pl.DataFrame:
    """A registry of the sample, every column as text, as a newcomer would read it."""
    path = ROOT / "sample_data" / f"{name}.parquet"
    if not path.exists():
        path = path.with_suffix(".csv")
    if path.suffix == ".parquet":
        return pl.read_parquet(path).cast(pl.String)
    encoding = {"driver_licences": "tcvn3"}.get(name, "utf-8-sig")
    text = encodings.decode(path.read_bytes(), encoding)
    separator = ";" if name == "sims" else ","
    return pl.read_csv(io.BytesIO(text.encode()), separator=separator, infer_schema=False)


FAMILIES = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ"]
GIVEN = ["An", "Bình", "Cường", "Dung", "Hương", "Khánh", "Linh", "Mai", "Nam", "Phúc"]
WARDS = [
    "Phường Phúc Xá, Quận Ba Đình, Hà Nội",
    "Xã Vân Đình, Thành phố Hà Nội",
    "P. Bến Nghé, Q.1, TP.HCM",
    "Xa Gia Huynh, Huyen Tanh Linh, Tinh Binh Thuan",
    "X. Thới An Hội, H. Kế Sách, T. Sóc Trăng",
]
PLACES = ["001", "079", "048", "038", "092"]
N = range(COUNT)
VALUES: dict[str, list[str]] = {
    "person_name": [f"{FAMILIES[i % 10]} Văn {GIVEN[i * 3 % 10]}" for i in N],
    "personal_id": [f"{PLACES[i % 5]}{i % 2}{60 + i % 40}{100000 + 1717 * i}" for i in N],
    "licence_number": [f"{PLACES[i % 5][1:]}{i % 2}{i % 25:02}{4000000 + 171717 * i}" for i in N],
    "phone": [f"09{10000000 + 1234567 * i % 89999999}" for i in N],
    "sex": ["Nam", "Nữ"] * 25,
    "address": [f"Số {i + 1}, {WARDS[i % 5]}" for i in N],
    "birth_date": [f"{1 + i % 28:02}/{1 + i % 12:02}/{1940 + i}" for i in N],
    "date": [f"{1 + i % 28:02}/{1 + i % 12:02}/{2010 + i % 14}" for i in N],
    "plate": [f"{29 + i % 5}A-{100 + i}.{10 + i}" for i in N],
    "chassis": [f"RLHJF{1000 + 7 * i}BY{100000 + 77 * i}" for i in N],
    "insurance_number": [f"{PLACES[i % 5][1:]}{10000000 + 1717171 * i}" for i in N],
    "insurance_card": [f"GD4{PLACES[i % 5][1:]}79{10000000 + 1717171 * i}" for i in N],
    "number": [f"{i * 37.25:.2f}" for i in N],
    "category": ["trả trước", "trả sau"] * 25,
    "text": [f"đã gọi lần {i}, khách hẹn lại tuần sau" for i in N],
    "key": [f"HS{i:06}" for i in N],
}
VALUES["tax_code"] = [
    code
    for start in range(10**8, 10**8 + 400_000_000, 1_717_171)
    for total in [
        sum(
            w * int(d)
            for w, d in zip((31, 29, 23, 19, 17, 13, 7, 5, 3), f"{start:09}", strict=True)
        )
    ]
    if 10 - total % 11 < 10
    for code in [f"{start:09}{10 - total % 11}"]
][:COUNT]


@pytest.mark.parametrize("kind", sorted(VALUES))
def test_a_kind_is_recognised_under_a_name_that_says_nothing(kind: str) -> None:
    looks_like, confidence = looks(list(VALUES[kind]))
    assert looks_like == kind
    assert confidence > 0.2


@pytest.mark.parametrize(
    ("name", "kind"),
    [("so_may", "engine"), ("ma_don_vi", "key")],
)
def test_the_name_decides_where_values_do_not(name: str, kind: str) -> None:
    engines = [f"JF{60 + i % 9}E-{1000000 + 3571 * (i * 7 % COUNT)}" for i in N]
    assert looks(list(engines), name=name)[0] == kind


def test_the_name_does_not_outvote_the_values() -> None:
    assert looks(list(VALUES["phone"]), name="ho_ten")[0] == "phone"
    assert looks(list(VALUES["address"]), name="so_dien_thoai")[0] == "address"


def test_twelve_digits_of_hanoi_are_told_apart_by_the_name() -> None:
    # A licence of Hà Nội and a personal number of Điện Biên may be the same digits.
    numbers = [f"011{i % 3}8{i % 10}{100000 + 1717 * i}" for i in N]
    assert looks(list(numbers), name="so_gplx")[0] == "licence_number"
    assert looks(list(numbers), name="so_cccd")[0] == "personal_id"


def test_numbers_that_a_spreadsheet_made_of_text_are_recognised() -> None:
    assert looks([int(text) for text in VALUES["phone"]])[0] == "phone"
    assert looks([float(text) for text in VALUES["phone"]])[0] == "phone"
    assert looks([int(text) for text in VALUES["personal_id"]])[0] == "personal_id"


def test_parsed_dates_are_dates() -> None:
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(days=31 * i) for i in N]
    assert looks(list(days))[0] == "date"


def test_births_are_told_by_the_generations_that_they_span() -> None:
    assert looks(list(VALUES["birth_date"]), name="ngay_cap")[0] == "date"
    assert looks(list(VALUES["date"]), name="ngay_sinh")[0] == "birth_date"


def test_days_to_come_are_valid_for_a_date_but_not_for_a_birth() -> None:
    days = [f"{1 + i % 28:02}/06/{2027 + i % 10}" for i in N]
    frame = pl.DataFrame({"ngay_het_han": days, "ngay_sinh": days})
    assert profile(frame, reference_date=TODAY).columns["valid"].to_list() == [1.0, 0.0]


def test_without_a_reference_date_nothing_is_too_late() -> None:
    frame = pl.DataFrame({"d": ["01/06/2030", "02/07/2031", "03/08/2032"]})
    assert profile(frame).issues.is_empty()


def test_shares_and_issues_are_counted() -> None:
    frame = pl.DataFrame({"sdt": ["0912345678", "01621234567", "abc", "Không có", "", None]})
    found = profile(frame)
    row = found.columns.row(0, named=True)
    assert row["looks_like"] == "phone"
    assert row["filled"] == pytest.approx(4 / 6)
    assert row["distinct"] == 1.0
    assert row["valid"] == pytest.approx(2 / 4)
    assert found.issues.select("code", "rows", "share").rows() == [
        ("malformed_phone", 2, 0.5),
        ("missing_marker", 1, 0.25),
        ("renumbered_phone", 1, 0.25),
    ]
    assert found.issues["meaning"].to_list() == [MEANINGS[code] for code in found.issues["code"]]


def test_only_a_sample_is_counted_if_asked() -> None:
    frame = pl.DataFrame({"sdt": VALUES["phone"] * 10})
    found = profile(frame, sample=100)
    assert (found.rows, found.checked) == (500, 100)
    assert "on at most 100 values" in repr(found)
    assert profile(frame, sample=None).checked == 500


def test_the_sample_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive sample"):
        profile(pl.DataFrame({"a": ["1"]}), sample=0)


@pytest.mark.parametrize("values", [[], [None, None], ["", "  "]])
def test_a_column_without_values_is_empty(values: list[str | None]) -> None:
    found = profile(pl.DataFrame({"sdt": values}, schema={"sdt": pl.String}))
    row = found.columns.row(0, named=True)
    assert (row["looks_like"], row["confidence"], row["valid"]) == ("empty", None, None)
    assert found.issues.is_empty()
    assert found.expressions() == []


def test_a_frame_without_columns_has_an_empty_profile() -> None:
    found = profile(pl.DataFrame())
    assert found.columns.is_empty()
    assert "0 columns" in found._repr_html_()


def test_nested_and_binary_columns_are_left_alone() -> None:
    frame = pl.DataFrame({"l": [[1], None], "s": [{"a": 1}, {"a": 2}], "b": [b"x", b"y"]})
    assert profile(frame).columns.select("looks_like", "filled").rows() == [
        ("text", 0.5),
        ("text", 1.0),
        ("text", 1.0),
    ]


def test_categories_and_truth_values_are_categories() -> None:
    frame = pl.DataFrame(
        {"c": pl.Series(["a", "b"] * 25, dtype=pl.Categorical), "b": [True, False] * 25}
    )
    assert profile(frame).columns["looks_like"].to_list() == ["category", "category"]


def test_other_frames_are_taken_too() -> None:
    frame = pl.DataFrame({"sdt": VALUES["phone"]})
    expected = profile(frame).columns
    for other in (frame.lazy(), frame.to_arrow(), frame.to_pandas()):
        assert profile(other).columns.equals(expected)


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(TypeError, match="found list; try"):
        profile([1, 2])


def test_suggested_expressions_clean_every_column_that_has_a_cleaner() -> None:
    frame = pl.DataFrame({"sdt": VALUES["phone"], "d": VALUES["date"], "ghi_chu": VALUES["text"]})
    found = profile(frame, reference_date=TODAY)
    done = frame.with_columns(found.expressions())
    assert done.columns == ["sdt", "d", "ghi_chu", "sdt_clean", "d_clean"]
    assert done["sdt_clean"].struct.field("value").null_count() == 0
    assert found.suggested == {
        "sdt": 'cleaners.phones.clean("sdt").alias("sdt_clean")',
        "d": 'cleaners.dates.clean("d", reference_date=datetime.date(2026, 10, 1))'
        '.alias("d_clean")',
    }


def test_suggested_expressions_take_numbers_too() -> None:
    frame = pl.DataFrame({"sdt": [int(text) for text in VALUES["phone"]]})
    found = profile(frame)
    done = frame.with_columns(found.expressions(suffix="_x"))
    assert done["sdt_x"].struct.field("value").null_count() == 0
    assert found.suggested["sdt"].startswith('cleaners.phones.clean(pl.col("sdt").cast(pl.String))')


def test_dates_cannot_be_cleaned_without_a_reference_date() -> None:
    found = profile(pl.DataFrame({"d": VALUES["date"]}))
    with pytest.raises(ValueError, match="expected a reference date, since d hold dates"):
        found.expressions()
    assert len(found.expressions(reference_date=TODAY)) == 1


def test_the_same_frame_gives_the_same_profile() -> None:
    frame = pl.DataFrame({kind: VALUES[kind] for kind in ("person_name", "phone", "date")})
    first, second = profile(frame, sample=20), profile(frame, sample=20)
    assert first.columns.equals(second.columns)
    assert repr(first) == repr(second)


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "viscii"])
def test_names_in_an_old_encoding_are_names_and_the_encoding_is_told(encoding: str) -> None:
    raw = [encodings.encode(name, encoding).decode("cp1252") for name in VALUES["person_name"]]
    frame = pl.DataFrame({"c": raw})
    found = profile(frame)
    assert found.columns.select("looks_like", "encoding").row(0) == ("person_name", encoding)
    assert "legacy_encoding" in found.issues["code"].to_list()
    assert found.suggested["c"] == (
        'cleaners.names.clean(cleaners.legacy.repaired("c")).alias("c_clean")'
    )
    done = frame.select(found.expressions()).unnest("c_clean")["value"]
    assert (done == pl.Series(VALUES["person_name"])).sum() > 0.95 * COUNT


def test_single_words_in_an_old_encoding_are_read_too() -> None:
    raw = [encodings.encode(word, "tcvn3").decode("cp1252") for word in ("Nam", "Nữ")] * 25
    row = profile(pl.DataFrame({"c": raw})).columns.row(0, named=True)
    assert (row["looks_like"], row["encoding"], row["valid"]) == ("sex", "tcvn3", 1.0)


def test_a_single_odd_value_gives_a_column_no_encoding() -> None:
    row = profile(pl.DataFrame({"c": VALUES["person_name"] * 10 + ["NguyÔn V¨n Hµ"]})).columns
    assert row["encoding"].item() is None
    assert "legacy_encoding" in row["issues"].item().struct["code"].to_list()


def test_no_value_is_ever_shown() -> None:
    frame = pl.DataFrame(VALUES)
    found = profile(frame, reference_date=TODAY)
    shown = repr(found) + found._repr_html_() + str(found.columns) + str(found.suggested)
    unsaid = {"Nam", "Nữ", "trả sau", "trả trước"}
    values = {value for column in VALUES.values() for value in column if len(value) > 4}
    assert [value for value in values | unsaid if value in shown] == []


def test_a_column_name_cannot_inject_html() -> None:
    shown = profile(pl.DataFrame({"<script>": VALUES["phone"]}))._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_shares_near_none_and_all_are_not_rounded_away() -> None:
    phones = [f"09{10000000 + i}" for i in range(2999)]
    shown = repr(profile(pl.DataFrame({"sdt": [*phones, "abc"]})))
    assert "malformed_phone 1 (<0.1%)" in shown
    assert "99.9%" in shown


FILES = {
    "driver_licence": "driver_licences",
    "health_insurance": "health_insurance",
    "vehicle": "vehicles",
    "sim": "sims",
}


@pytest.mark.parametrize("registry", FILES)
@pytest.mark.parametrize("named", [True, False], ids=["named", "anonymous"])
def test_every_column_of_the_sample_is_recognised(registry: str, named: bool) -> None:
    job = yaml.safe_load((ROOT / "configs/sample.yaml").read_text(encoding="utf-8"))
    declared = yaml.safe_load(
        (ROOT / f"configs/registries/{registry}.yaml").read_text(encoding="utf-8")
    )
    columns = job["registries"][registry]["columns"]
    # The sample maps no field that is declared for what only some sources know.
    types = {source: declared["fields"][field]["type"] for field, source in columns.items()}
    frame = sample(FILES[registry]).select(list(types))
    plain = frame if named else frame.rename({c: f"c{i}" for i, c in enumerate(frame.columns)})
    found: Profile = profile(plain, reference_date=TODAY, sample=500)
    given = dict(zip(types, found.columns["looks_like"], strict=True))
    if registry == "vehicle":
        # Declared as text; engine numbers have no scheme, so only the column's name tells them.
        types["SO_MAY"] = "engine" if named else "key"
    assert given == types
    assert (found.columns["valid"].drop_nulls() > 0.9).all()
