"""Damaged Vietnamese text: what is repaired, what is marked, what is let alone."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners import legacy, reference, text
from cleaners.errors import EncodingError
from cleaners.legacy.oddness import is_odd
from tests.cleaners import damage

SAMPLE: Final = Path(__file__).parents[2] / "sample_data"


def study(*values: str | None, expect: str | None = None) -> pl.DataFrame:
    frame = pl.DataFrame({"v": list(values)}, schema={"v": pl.String})
    return frame.select(legacy.clean("v", expect=expect)).unnest("v")


def listed(texts: str) -> list[str]:
    return texts.split("|")


def repaired(*values: str | None) -> list[str | None]:
    return pl.DataFrame({"v": list(values)}).select(legacy.repaired("v"))["v"].to_list()


# --- each kind, by hand -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "meant", "encoding"),
    [
        ("NguyÔn V¨n Hµ", "Nguyễn Văn Hà", "tcvn3"),
        ("NguyÔn V¨n Tr\u00adêng", "Nguyễn Văn Trường", "tcvn3"),
        ("NGUYÔN THÞ BÝCH", "NGUYỄN THỊ BÍCH", "tcvn3"),
        ("§ç ThÞ ¸nh", "Đỗ Thị Ánh", "tcvn3"),
        ("x· Tr\u00adêng S¬n, huyÖn An L·o", "xã Trường Sơn, huyện An Lão", "tcvn3"),
        ("Nguyeãn Vaên Haø", "Nguyễn Văn Hà", "vni"),
        ("NGUYEÃN THÒ AÙNH", "NGUYỄN THỊ ÁNH", "vni"),
        ("Ñoã Thò Thuyû", "Đỗ Thị Thuỷ", "vni"),
        ("Phöôøng Beán Ngheù, Quaän 1", "Phường Bến Nghé, Quận 1", "vni"),
        ("Nguy\u00adn Vån Nam", "Nguyễn Văn Nam", "viscii"),
        ("Tr¥n Th¸ Thu Hß½ng", "Trần Thị Thu Hương", "viscii"),
        ("NguyêÞn Vãn Nam", "Nguyễn Văn Nam", "cp1258"),
        ("TrâÌn Thiò Hýõng", "Trần Thị Hương", "cp1258"),
        ("Nguyê\u0303n", "Nguyễn", "cp1258"),
        ("Nguyá»…n VÄƒn Äá»©c", "Nguyễn Văn Đức", "utf8_once"),
        ("NguyÃ¡Â»â€¦n VÃ„Æ’n", "Nguyễn Văn", "utf8_twice"),
        ("Nguyeenx Vawn Haf", "Nguyễn Văn Hà", "telex"),
        ("Nguyeenx Thij Ddaof", "Nguyễn Thị Đào", "telex"),
        ("TRAANF VAWN DUOWNG", "TRẦN VĂN DƯƠNG", "telex"),
        ("Lê Văn Tuaans", "Lê Văn Tuấn", "telex"),
        ("Nguye6n4 Va8n Hu7ng", "Nguyễn Văn Hưng", "vni_typing"),
        ("D9o64 Thi5 D9a2o", "Đỗ Thị Đào", "vni_typing"),
        (unicodedata.normalize("NFD", "Nguyễn Văn Đức"), "Nguyễn Văn Đức", "nfd"),
    ],
)
def test_each_kind_is_recognised_and_repaired(seen: str, meant: str, encoding: str) -> None:
    row = study(seen).row(0, named=True)
    assert (row["value"], row["encoding"]) == (meant, encoding)
    assert row["confidence"] >= legacy.THRESHOLD
    assert row["issues"] == ([] if encoding == "nfd" else ["legacy_encoding"])


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("D¬ng V¨n Minh", "Dương Văn Minh"),
        ("NguyÔn V¨n Hng", "Nguyễn Văn Hưng"),
        ("NguyÔn V¨n Tríc", "Nguyễn Văn Trước"),
    ],
)
def test_lost_soft_hyphen_of_tcvn3_comes_back_where_only_it_makes_a_word(
    seen: str, meant: str
) -> None:
    assert repaired(seen) == [meant]


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("Tráº§n Thá»‹ Ngá»c", "Trần Thị Ngọc"),  # ọ without its byte 8D
        ("Tráº§n VÄƒn HÃ", "Trần Văn Hà"),  # à without its trimmed space A0
        ("PHáº M VÄ‚N ANH", "PHẠM VĂN ANH"),  # Ạ whose byte A0 became a plain space
        ("Äá»— Thá»‹ Lan", "Đỗ Thị Lan"),  # Đ without its byte 90
        ("Nguyá»\x85n VÄ\x83n", "Nguyễn Văn"),  # latin-1: the bytes 80-9F as controls
    ],
)
def test_dropped_bytes_of_utf8_come_back_where_only_one_letter_fits(seen: str, meant: str) -> None:
    assert repaired(seen) == [meant]


def test_dropped_byte_with_two_candidates_stays_a_wildcard() -> None:
    row = study("Nguyá»…n Thá»‹ Ãnh").row(0, named=True)
    assert (row["value"], row["pattern"]) == ("Nguyễn Thị \ufffdnh", "nguyen thi _nh")
    assert row["issues"] == ["legacy_encoding", "lost_letters"]


# --- losses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "pattern"),
    [
        ("Nguy?n V?n An", "nguy_n v_n an"),
        ("NGUY?N V?N D??NG", "nguy_n v_n d__ng"),
        ("Nguy\ufffdn", "nguy_n"),
        ("Nguy\ufffd\ufffd\ufffdn Anh", "nguy_n anh"),
        ("?ào Th? Lan", "_ao th_ lan"),
        ("Tr?ng", "tr_ng"),
        ("Thu?", "thu_"),
    ],
)
def test_lost_letters_are_kept_as_wildcards(seen: str, pattern: str) -> None:
    row = study(seen).row(0, named=True)
    assert (row["value"], row["encoding"], row["pattern"]) == (seen, "lost", pattern)
    assert row["issues"] == ["lost_letters"]


def test_question_marks_that_are_questions_are_no_loss() -> None:
    values = ["An?", "Ở đâu?", "Sao thế?", "Really??", "? An", "Who? Why?"]
    assert study(*values)["issues"].to_list() == [[]] * len(values)


def test_losses_within_damaged_text_are_kept_beside_the_repair() -> None:
    row = study("Traàn Thò H?").row(0, named=True)
    assert (row["value"], row["pattern"]) == ("Trần Thị H?", "tran thi h_")
    assert row["issues"] == ["legacy_encoding", "lost_letters"]


# --- what must not change -----------------------------------------------------------------------

MINORITIES: Final = listed(
    "H'Hen Niê|Y Bhăm Êban|Y Moan Ênuôl|Rơ Châm Hyưn|Ksor Phước|Kpă Púi|Siu Black|K'Brêl|Đinh Núp|"
    "Puih San|Rmah Hăn|Kră Jăn|Bon Yô Soan|Ma Seo Páo|Giàng A Cháng|Vàng Thị Dợ|Thào A Dế|Rah Lan|"
    "Lò Thị Xoóng|Néang Kim|Moong Văn Nghệ|Păng Ting|Kà Đơn|H’Hen|Y-Blim Niê|Rcom Sa Duyên"
)
FOREIGN: Final = listed(
    "François Müller|José García|Jürgen Größe|Søren Kierkegård|Björn Åkesson|Zoë|Noël Coward|"
    "Renée Désirée|João Gonçalves|São Tomé|Peña Nieto|Łukasz Wałęsa|Dvořák|Şükrü Gül|Lü Min|Bø|Å|"
    "Nguyen Müller|Chloé Mai|René Trần|Thor Heyerdahl|Max Weber|Lars von Trier|Lee Min Ho|LEE KIM|"
    "WANG LI NA|Hans Zimmer|Dawn Lee|Lees Town|Beer Moon|Francis|Alex Ferguson|Aaron|Isaac|Chris|"
    "Khoo Teck Puat|Tan Ah Kow|Maarten Joost|Van der Sar|Ross Boss|Thomas Marx|Noor|Ada Lovelace"
)
UNMARKED: Final = listed(
    "NGUYEN VAN AN|Nguyen Thi Lan|Le Doan|Hoa Saas|Ngo Thi Nhu Y|Mai Anh Tus|Mai Thu Anh Tus|"
    "TRAN QUOC TOAN|Pham Xuan X|LE THI X|Nguyen Van A|Tran Thi C|Vu J|Hoang W|Anh Tran|Dr. An"
)
OTHERS: Final = listed(
    "Công ty TNHH ABC®|Saigon Co.op|Highlands Coffee|Book Store|Green Door|Taxi Mai Linh|CX-5|A1|"
    "Samsung Electronics Việt Nam|Air Blade|Honda Wave|Q1, P5|To5, Khu3, Phuong2|Thon3, Xa2|Ap3|"
    "Số 5A1, đường D9|m²|100 m²|25°C|N°5|§ 5|«Hà Nội»|“Hà Nội”|Hà Nội – Huế|Giá 5€|½|±5|©|·|• An|"
    "Đắk Lắk|Cư M'gar|Krông Pắc|Xã Sa Loong|Xã Mường Toong|Xã Uar|Ông Ích Khiêm|Ê Đê|Ý Yên|ẹo|"
    "Tô Hoà|Lò Vò|Hoà Bình|Thuý Quỳnh|Bé Tý|Vừ Mí Nô|Ðặng Văn An"
)


@pytest.mark.parametrize("values", [MINORITIES, FOREIGN, UNMARKED, OTHERS])
def test_text_that_is_not_damaged_passes_untouched(values: list[str]) -> None:
    assert study(*values)["value"].to_list() == values
    assert repaired(*values) == values


@pytest.mark.parametrize("value", ["", " ", None, "123", "...", "\t"])
def test_empty_values_pass_untouched(value: str | None) -> None:
    row = study(value).row(0, named=True)
    assert row == {
        "value": value,
        "encoding": None,
        "confidence": None,
        "pattern": None,
        "issues": [],
    }


CLEAN_TEXTS: Final = listed(
    "names made of the tables|names of every syllable|names of the sample|capitals|without marks|"
    "addresses of the sample|wards"
)


def clean_texts() -> dict[str, pl.Series]:
    population = pl.read_parquet(SAMPLE / "population.parquet")
    wards = reference.wards()["old_ward"]
    return {
        "names made of the tables": pl.Series(damage.names(6_000)),
        "names of every syllable": pl.Series(damage.every_syllable()),
        "names of the sample": population["ho_ten"],
        "capitals": population["ho_ten"].str.to_uppercase(),
        "without marks": population.select(text.fold("ho_ten")).to_series().str.to_titlecase(),
        "addresses of the sample": population["noi_thuong_tru"],
        "wards": wards,
    }


@pytest.mark.parametrize("kind", CLEAN_TEXTS)
def test_clean_columns_pass_untouched_whole(kind: str) -> None:
    values = clean_texts()[kind].drop_nulls().alias("v").to_frame()
    changed = values.with_columns(new=legacy.repaired("v")).filter(pl.col("new") != pl.col("v"))
    assert changed.rows() == []


def test_shape_of_a_weak_value_is_marked_and_not_converted() -> None:
    row = study("Mai Anh Tus").row(0, named=True)
    assert (row["value"], row["encoding"]) == ("Mai Anh Tus", "telex")
    assert row["issues"] == ["suspected_encoding"]
    assert legacy.SUSPECT <= row["confidence"] < legacy.THRESHOLD


# --- the law of the round trip ------------------------------------------------------------------


def came_back(names: list[str], kind: str) -> float:
    """Share of names that come back; compared after placing tone marks alike, case and all."""
    spoilt: Callable[[str], str] = damage.DAMAGES[kind]
    meant = [name.upper() if "capitals" in kind else name for name in names]
    frame = pl.DataFrame({"bad": [spoilt(name) for name in names], "meant": meant})
    cased = [pl.col("bad").str.contains(r"\p{Ll}") == pl.col("meant").str.contains(r"\p{Ll}")]
    frame = frame.with_columns(legacy.clean("bad").struct.field("value").alias("bad"))
    same = [text.tone_normal("bad") == text.tone_normal("meant"), *cased]
    return frame.select(pl.all_horizontal(same).fill_null(value=False).mean()).item()


@pytest.mark.parametrize("kind", list(damage.DAMAGES))
def test_names_come_back_from_every_kind_without_being_told_which(kind: str) -> None:
    floor = 0.99 if kind.startswith("vni typing") else 0.995
    assert came_back(damage.names(6_000), kind) >= floor


@pytest.mark.parametrize("kind", list(damage.DAMAGES))
def test_every_syllable_comes_back(kind: str) -> None:
    # Of random syllables many are good words in VISCII and in TCVN3; names tell them apart.
    floors = {"viscii": 0.975, "viscii, capitals": 0.99}
    assert came_back(damage.every_syllable(), kind) >= floors.get(kind, 0.995)


@pytest.mark.parametrize(
    ("kind", "expect"),
    [("tcvn3", "tcvn3"), ("vni", "vni"), ("viscii", "viscii"), ("telex, tone last", "telex")],
)
def test_telling_the_kind_brings_back_nearly_all(kind: str, expect: str) -> None:
    names = damage.names(3_000, seed=5)
    frame = pl.DataFrame({"bad": [damage.DAMAGES[kind](name) for name in names], "meant": names})
    value = legacy.clean("bad", expect=expect).struct.field("value")
    same = text.tone_normal(value) == text.tone_normal("meant")
    assert frame.select(same.mean()).item() >= 0.998


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=40))
def test_a_second_pass_changes_nothing_more(values: list[str]) -> None:
    once = repaired(*values)
    assert repaired(*once) == once


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=40))
def test_repaired_is_the_value_of_clean(values: list[str]) -> None:
    assert repaired(*values, "x")[:-1] == study(*values, "x")["value"].to_list()[:-1]


# --- columns ------------------------------------------------------------------------------------


def test_expected_kind_lends_confidence_to_short_values() -> None:
    assert study("Hoà Thò An")["value"].item() == "Hồ Thị An"
    assert study("Hoà")["value"].item() == "Hoà"
    assert study("Hoà", expect="vni")["value"].item() == "Hồ"


def test_expected_kind_leaves_text_that_cannot_be_of_it() -> None:
    assert study("Nguyễn Hoà", expect="vni")["value"].item() == "Nguyễn Hoà"


def test_unknown_expected_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(EncodingError, match="tcvn3, vni, utf8_once"):
        legacy.clean("v", expect="klingon")


def test_detect_counts_kinds_and_gives_no_value_away() -> None:
    column = pl.Series(["NguyÔn V¨n Hµ", "TrÇn ThÞ B×nh", "Nguyeenx Vawn Haf", "Lan", None])
    found = legacy.detect(column)
    assert found.columns == ["encoding", "rows", "share", "confidence"]
    assert found.select("encoding", "rows", "share").rows() == [
        ("tcvn3", 2, 0.5),
        ("telex", 1, 0.25),
    ]
    assert (found["confidence"] >= legacy.THRESHOLD).all()


def test_detect_finds_nothing_in_clean_and_empty_columns() -> None:
    assert legacy.detect(pl.Series(["Nguyễn Văn An", "Lan"])).height == 0
    assert legacy.detect(pl.Series([], dtype=pl.String)).height == 0


def test_detect_judges_a_long_column_by_a_sample() -> None:
    found = legacy.detect(pl.concat([pl.Series(["NguyÔn V¨n Hµ"]).new_from_index(0, 450_000)]))
    assert found.select("encoding", "share").rows() == [("tcvn3", 1.0)]
    assert found["rows"].item() <= 200_000


def test_result_keeps_the_name_of_the_column_and_the_order_of_the_rows() -> None:
    frame = pl.DataFrame({"ten": ["Haf", "NguyÔn V¨n", None, "Lan", "NguyÔn V¨n"]})
    chunked = pl.concat([frame, frame], rechunk=False)
    result = chunked.select(legacy.repaired("ten"))
    assert result["ten"].to_list() == ["Haf", "Nguyễn Văn", None, "Lan", "Nguyễn Văn"] * 2
    assert chunked.select(legacy.clean("ten")).columns == ["ten"]


# --- syllables ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Nguyễn", True),
        ("nguyên", True),
        ("nguyen", False),
        ("hoà", True),
        ("hòa", True),
        ("toàn", True),
        ("quý", True),
        ("quí", True),
        ("lí", True),
        ("lý", True),
        ("giếng", True),
        ("gì", True),
        ("khuya", True),
        ("khuỷu", True),
        ("ước", True),
        ("viet", False),  # a stop without a tone
        ("việt", True),
        ("viềt", False),  # a stop with huyền
        ("cê", False),  # c before ê
        ("kê", True),
        ("ngề", False),
        ("nghề", True),
        ("zung", False),
        ("strong", False),
        ("ă", False),
    ],
)
def test_syllables_follow_the_rules_of_spelling(word: str, expected: bool) -> None:
    assert pl.select(legacy.is_syllable(pl.lit(word))).item() is expected


def test_every_word_of_the_name_tables_is_a_syllable() -> None:
    words = [*damage.FAMILIES, *damage.MIDDLE, *damage.GIVEN_NAMES]
    frame = pl.DataFrame({"w": words}).filter(~legacy.is_syllable("w"))
    assert frame["w"].to_list() == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("nguyen", True),
        ("NGUYEN VAN AN", True),
        ("thi tuyet", True),
        ("Viet", True),
        ("An Binh", False),
        ("Nguyễn Văn Viet", False),
        ("Robert Viet", False),
        ("Tp. Viet Tri", True),
        ("", False),
        (None, None),
    ],
)
def test_lost_marks_are_seen_in_words_that_need_them(
    value: str | None, expected: bool | None
) -> None:
    frame = pl.DataFrame({"v": [value]}, schema={"v": pl.String})
    assert frame.select(legacy.diacritics_lost("v")).item() is expected


@given(st.lists(st.text("aAâÂãoòyýnNhHtTvVHOàÀuQcưễ?\xad", max_size=4), min_size=1, max_size=4))
def test_text_is_as_odd_as_its_pieces(words: list[str]) -> None:
    whole = " ".join(words)
    pieces = pl.DataFrame({"p": [f"{word} " for word in words[:-1]] + words[-1:]})
    found = pieces.select(**legacy.signs(pl.col("p"))).sum()
    strange, doubtful, sound = (bool(count) for count in found.row(0))
    assert is_odd(pl.Series([whole])).item() == (strange or (doubtful and not sound))
