"""Addresses: least accuracy on every ward of both editions, with truth from the package's tables."""

from __future__ import annotations

import polars as pl
import pytest

from cleaners import addresses, reference
from cleaners.text import fold

SHORT = {
    "Phường ": "P. ",
    "Xã ": "X. ",
    "Thị trấn ": "TT. ",
    "Quận ": "Q. ",
    "Huyện ": "H. ",
    "Thị xã ": "TX. ",
    "Thành phố ": "TP. ",
    "Tỉnh ": "",
}
TYPES = r"\b(?:Phường|Xã|Thị trấn|Quận|Huyện|Thị xã|Thành phố|Tỉnh) (\D)"


def short(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(list(SHORT), list(SHORT.values()), leftmost=True)


def share(flags: pl.Series) -> float:
    """Part of the rows that are true; null counts as false."""
    return float(flags.fill_null(value=False).sum()) / len(flags)


def all_old() -> pl.DataFrame:
    wards = reference.wards().drop_nulls("old_ward_code")
    return wards.group_by("old_ward_code", maintain_order=True).agg(
        pl.col("old_ward", "old_district", "old_province").first(),
        truth=pl.col("new_ward_code").unique().sort(),
    )


def all_new() -> pl.DataFrame:
    return reference.new_wards().with_columns(truth=pl.concat_list("new_ward_code"))


def cleaned(frame: pl.DataFrame, text: pl.Expr) -> pl.DataFrame:
    return frame.with_columns(text.alias("a")).with_columns(addresses.clean("a").struct.unnest())


def wrong(done: pl.DataFrame) -> float:
    """Part of the rows with a ward that is none of the truth's."""
    given = done.filter(pl.col("ward").is_not_null())
    return float((~given["truth"].list.contains(given["ward"])).sum()) / done.height


def joined(*units: str) -> pl.Expr:
    return pl.concat_str(*units, separator=", ")


OLD = joined("old_ward", "old_district", "old_province")
NEW = joined("new_ward", "new_province")
EXACT = {
    "full": OLD,
    "no word for the province": OLD.str.replace(r", (?:Tỉnh|Thành phố) ([^,]+)$", ", $1"),
    "decomposed": OLD.str.normalize("NFD"),
    "lower case": OLD.str.to_lowercase(),
    "upper case": OLD.str.to_uppercase(),
    "no commas": OLD.str.replace_all(",", "", literal=True),
    "reversed": joined("old_province", "old_district", "old_ward"),
    "house in front": pl.concat_str(pl.lit("Số 12/3A Đường Trần Hưng Đạo, Tổ 5, "), OLD),
    "country behind": pl.concat_str(OLD, pl.lit(", Việt Nam")),
}


@pytest.mark.parametrize("writing", list(EXACT))
def test_every_old_ward_gives_exactly_its_successors(writing: str) -> None:
    done = cleaned(all_old(), EXACT[writing])
    assert (done["old_ward"] == done["old_ward_code"]).all()
    assert (done["ward_candidates"] == done["truth"]).all()


NEARLY = {
    "short": short(OLD),
    "tight": short(OLD).str.replace_all(". ", ".", literal=True),
    "no type words": OLD.str.replace_all(TYPES, "$1"),
    "folded": fold(OLD, keep=","),
    "folded, no commas": fold(OLD),
    "folded, short, no commas": fold(short(OLD)),
    "folded, short, no commas, a house in front": fold(
        pl.concat_str(pl.lit("so 12 duong tran hung dao to 5 "), short(OLD))
    ),
}


@pytest.mark.parametrize("writing", list(NEARLY))
def test_lost_tones_commas_and_type_words_cost_little_and_never_mislead(writing: str) -> None:
    done = cleaned(all_old(), NEARLY[writing])
    single = done.filter(pl.col("truth").list.len() == 1)
    assert share(single["ward"] == single["truth"].list.first()) > 0.993
    assert wrong(done) < 0.0005
    split = done.filter(pl.col("truth").list.len() > 1)
    assert (split["ward_candidates"] == split["truth"]).all()


NEW_EXACT = {
    "full": NEW,
    "no word for the province": NEW.str.replace(r", (?:Tỉnh|Thành phố) ([^,]+)$", ", $1"),
    "short": short(NEW),
    "decomposed": NEW.str.normalize("NFD"),
    "upper case": NEW.str.to_uppercase(),
    "no commas": NEW.str.replace_all(",", "", literal=True),
    "reversed": joined("new_province", "new_ward"),
    "house in front": pl.concat_str(pl.lit("Số 12 Đường Lê Lợi, Tổ 5, "), NEW),
}


@pytest.mark.parametrize("writing", list(NEW_EXACT))
def test_every_new_ward_gives_itself(writing: str) -> None:
    done = cleaned(all_new(), NEW_EXACT[writing])
    assert (done["ward"] == done["new_ward_code"]).all()
    assert (done["edition"] == "2025").all()


def test_new_wards_without_tones_or_commas_are_right_or_open() -> None:
    done = cleaned(all_new(), fold(NEW))
    assert share(done["ward"] == done["new_ward_code"]) > 0.99
    assert wrong(done) == 0


def test_new_wards_without_type_words_are_right_or_keep_the_district_reading() -> None:
    done = cleaned(all_new(), NEW.str.replace_all(TYPES, "$1"))
    assert share(done["ward"] == done["new_ward_code"]) > 0.89
    assert wrong(done) == 0
    assert share(done["ward_candidates"].list.contains(done["new_ward_code"])) > 0.995


def test_earlier_names_of_wards_lead_to_the_ward_they_became() -> None:
    aliases = reference.aliases("ward").join(all_old(), left_on="code", right_on="old_ward_code")
    done = cleaned(aliases, joined("alias", "old_district", "old_province"))
    # Some names belonged to several wards, or to a ward that still has it.
    assert share(done["old_ward"] == done["code"]) > 0.985


def test_earlier_names_of_districts_lead_to_the_district_they_became() -> None:
    wards = reference.wards().drop_nulls("old_ward_code").unique("old_ward_code")
    rows = reference.aliases("district").join(wards, left_on="code", right_on="old_district_code")
    done = cleaned(rows, joined("old_ward", "alias", "old_province"))
    assert share(done["old_ward"] == done["old_ward_code"]) > 0.99


def test_a_lost_province_is_found_where_ward_and_district_go_together_once() -> None:
    done = cleaned(all_old(), joined("old_ward", "old_district"))
    assert share(done["old_ward"] == done["old_ward_code"]) > 0.98
    assert wrong(done) < 0.0005
    assert done.filter(pl.col("ward").is_not_null())["confidence"].max() < 0.95


def test_a_lost_district_leaves_nine_of_ten_wards() -> None:
    done = cleaned(all_old(), joined("old_ward", "old_province"))
    assert share(done["ward"].is_not_null()) > 0.9
    assert wrong(done) < 0.012


def test_a_misspelt_ward_is_proposed_and_not_taken() -> None:
    # The last letter but one is lost.
    name = pl.col("old_ward")
    lost = pl.concat_str(name.str.slice(0, name.str.len_chars() - 2), name.str.slice(-1))
    done = cleaned(all_old(), pl.concat_str(lost, "old_district", "old_province", separator=", "))
    among = done["ward_candidates"].list.set_intersection(done["truth"]).list.len() > 0
    assert share(among) > 0.85
    repaired = done.filter(pl.col("issues").list.contains("ward_repaired"))
    assert repaired.height > 5_000
    # "Phổng Lái" less a letter is "Phổng Li", and that is how some write Phổng Lý.
    assert share(repaired["ward"].is_null()) > 0.999


def test_confidence_is_not_more_than_the_share_of_right_wards() -> None:
    texts = {
        "whole": OLD,
        "no types": OLD.str.replace_all(TYPES, "$1"),
        "folded": fold(OLD),
        "no province": joined("old_ward", "old_district"),
    }
    rows = pl.concat([cleaned(all_old(), text) for text in texts.values()])
    rows = pl.concat([rows.select("truth", "ward", "confidence")])
    given = rows.filter(pl.col("ward").is_not_null()).with_columns(
        right=pl.col("truth").list.contains(pl.col("ward")),
        tenth=(pl.col("confidence") * 10).floor(),
    )
    shares = given.group_by("tenth").agg(pl.col("right").mean(), pl.col("confidence").mean())
    assert (shares["right"] >= shares["confidence"]).all()
