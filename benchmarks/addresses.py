"""Measure how addresses resolve: every ward in many writings, aliases, spellings, doubt, speed.

    python -m benchmarks.addresses --data FOLDER

``FOLDER`` holds the public files vn_admin_ward_63_to_34.csv, vn_admin_legacy_ward_aliases.csv,
vn_admin_legacy_district_aliases.csv and vn_admin_input_spellings_s.csv (vietnamadminunits, MIT);
without it, the truth is taken from the package's own tables and the last two parts are left out.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from cleaners import addresses, reference
from cleaners.text import fold

SHORT: Final = {
    **{"Phường ": "P. ", "Xã ": "X. ", "Thị trấn ": "TT. ", "Đặc khu ": "ĐK. ", "Quận ": "Q. "},
    **{"Huyện ": "H. ", "Thị xã ": "TX. ", "Thành phố ": "TP. ", "Tỉnh ": ""},
}
TIGHT: Final = {long: short.replace(" ", "") for long, short in SHORT.items()}
TYPES: Final = r"\b(?:Phường|Xã|Thị trấn|Đặc khu|Quận|Huyện|Thị xã|Thành phố|Tỉnh) (\D)"
DETAIL: Final = "Số 12/3A Ngõ 45 Đường Trần Hưng Đạo, Tổ 5"


def writings(*units: str) -> dict[str, pl.Expr]:
    """The ways of writing an address whose units are in these columns, smallest unit first."""
    full = pl.concat_str(*units, separator=", ")
    short = full.str.replace_many(list(SHORT), list(SHORT.values()), leftmost=True)
    tight = full.str.replace_many(list(TIGHT), list(TIGHT.values()), leftmost=True)
    return {
        "full": full,
        "no word for the province": full.str.replace(r", (?:Tỉnh|Thành phố) ([^,]+)$", ", $1"),
        "abbreviated": short,
        "abbreviated, tight": tight,
        "without type words": full.str.replace_all(TYPES, "$1"),
        "no tone marks": fold(full, keep=","),
        "no tone marks, abbreviated": fold(short, keep=",."),
        "NFD": full.str.normalize("NFD"),
        "lower case": full.str.to_lowercase(),
        "upper case": full.str.to_uppercase(),
        "dashes": pl.concat_str(*units, separator=" - "),
        "no commas": full.str.replace_all(",", "", literal=True),
        "no commas, abbreviated": short.str.replace_all(",", "", literal=True),
        "no commas, no tone marks": fold(full),
        "no commas, no tones, abbreviated": fold(short),
        "reversed": pl.concat_str(*reversed(units), separator=", "),
        "house and street in front": pl.concat_str(pl.lit(DETAIL), *units, separator=", "),
        "house and street in front, no commas": fold(
            pl.concat_str(pl.lit(DETAIL), short, separator=" ")
        ),
        "reversed, house and street behind": pl.concat_str(
            *reversed(units), pl.lit(DETAIL), separator=", "
        ),
        "country behind": pl.concat_str(full, pl.lit("Việt Nam"), separator=", "),
    }


def old_units(folder: Path | None) -> pl.DataFrame:
    """Old wards: ward, district, province, code, and ``truth``, the codes of today."""
    if folder is None:
        table = reference.wards().select(
            ward="old_ward",
            district="old_district",
            province="old_province",
            code="old_ward_code",
            new="new_ward_code",
        )
    else:
        table = pl.read_csv(folder / "vn_admin_ward_63_to_34.csv", infer_schema=False).select(
            "ward",
            "district",
            "province",
            code=pl.col("wardCode").cast(pl.Float64).cast(pl.Int64).cast(pl.String).str.zfill(5),
            new="newWardCode",
        )
    return (
        table.drop_nulls("code")
        .group_by("code", maintain_order=True)
        .agg(pl.col("ward", "district", "province").first(), truth=pl.col("new").unique().sort())
    )


def shares(done: pl.DataFrame) -> dict[str, float]:
    """Per cent of rows by outcome; ``truth`` holds the codes of today."""
    single = done.filter(pl.col("truth").list.len() == 1)
    split = done.filter(pl.col("truth").list.len() > 1)
    exact = single["ward"] == single["truth"].list.first()
    wrong = done.filter(
        pl.col("ward").is_not_null() & ~pl.col("truth").list.contains(pl.col("ward"))
    )
    whole = split.filter(pl.col("ward_candidates") == pl.col("truth"))
    return {
        "exact %": 100 * float(exact.fill_null(value=False).mean() or 0.0),
        "wrong %": 100 * wrong.height / max(1, done.height),
        "split whole %": 100 * whole.height / split.height if split.height else float("nan"),
    }


def by_writing(frame: pl.DataFrame, *units: str) -> pl.DataFrame:
    """One row per way of writing."""
    rows = []
    for name, text in writings(*units).items():
        done = frame.with_columns(text.alias("a")).with_columns(
            addresses.clean("a").struct.unnest()
        )
        rows.append({"writing": name, **shares(done)})
    return pl.DataFrame(rows)


def squash(column: str) -> pl.Expr:
    """Fold without spaces, as the alias files write keys."""
    return fold(column).str.replace_all(" ", "", literal=True)


def ward_aliases(folder: Path) -> pl.DataFrame:
    """Rows of the alias file with the unit's names: a (text), code (None: no such unit)."""
    units = old_units(folder).with_columns(
        province_key=squash("province"), district_key=squash("district"), ward_key=squash("ward")
    )
    rows = pl.read_csv(folder / "vn_admin_legacy_ward_aliases.csv", infer_schema=False)
    key = pl.col("province_key", "district_key", "ward_key")
    joined = rows.with_columns(key).join(
        units, on=["province_key", "district_key", "ward_key"], how="left"
    )
    return joined.with_columns(
        a=pl.concat_str("alias_keyword", "district", "province", separator=", ")
    )


def district_aliases(folder: Path) -> pl.DataFrame:
    """Rows of the alias file with each ward of the district: a (text), code."""
    units = old_units(folder).with_columns(
        province_key=squash("province"), district_key=squash("district")
    )
    rows = pl.read_csv(folder / "vn_admin_legacy_district_aliases.csv", infer_schema=False)
    joined = rows.join(units, on=["province_key", "district_key"], how="left")
    return joined.with_columns(a=pl.concat_str("ward", "alias_keyword", "province", separator=", "))


def aliases(folder: Path) -> None:
    """Print the share of alias rows and spellings that resolve."""
    wards = ward_aliases(folder).with_columns(addresses.clean("a").struct.unnest())
    right = (wards["old_ward"] == wards["code"]).fill_null(value=False)
    known = wards["code"].is_not_null()
    print(f"ward aliases: {right.mean():.2%} of {wards.height} rows right", end="")
    print(f" ({known.sum()} rows name a unit that exists)")
    districts = district_aliases(folder).with_columns(addresses.clean("a").struct.unnest())
    hit = pl.col("old_ward") == pl.col("code")
    by_alias = districts.group_by("province_key", "district_key", "alias_keyword").agg(
        share=hit.fill_null(value=False).mean()
    )
    print(
        f"district aliases: {(by_alias['share'] > 0.5).mean():.2%} of {by_alias.height} right",
        end="",
    )
    print(
        f" (wards below them right: {districts.select(hit.fill_null(value=False).mean()).item():.2%})"
    )
    spellings = pl.read_csv(folder / "vn_admin_input_spellings_s.csv", infer_schema=False)
    text = pl.concat_str("ward", "district", "province", separator=", ", ignore_nulls=True)
    done = spellings.select(addresses.clean(text.alias("a"))).unnest("a")
    one = done["old_ward"].is_not_null().mean()
    print(f"spellings: {one:.2%} of {done.height} give exactly one old ward")


def one_edit(rng: np.random.Generator, names: list[str]) -> list[str]:
    """Each name with one letter lost, doubled, replaced or two swapped."""
    letters = "aeioungthcmlbdkpvqrsxy"
    done = []
    for name in names:
        at, kind = int(rng.integers(1, max(2, len(name) - 1))), int(rng.integers(4))
        left, here, right = name[:at], name[at : at + 1], name[at + 1 :]
        done.append(
            [
                left + right,
                left + here + here + right,
                left + letters[int(rng.integers(len(letters)))] + right,
                left + right[:1] + here + right[1:],
            ][kind]
        )
    return done


def damaged(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Texts of old and new units with the errors of real lists: a, truth, damage."""
    units = (
        ["ward", "district", "province"] if "district" in frame.columns else ["ward", "province"]
    )
    bare = [pl.col(unit).str.replace(TYPES, "$1").alias(unit) for unit in units]
    rows = frame.with_columns(bare)
    typo = rows.with_columns(pl.Series("ward", one_edit(rng, rows["ward"].to_list())))
    texts = {
        "none": frame.select("truth", a=pl.concat_str(*units, separator=", ")),
        "no type words": rows.select("truth", a=pl.concat_str(*units, separator=", ")),
        "typo": typo.select("truth", a=pl.concat_str(*units, separator=", ")),
        "typo, street": typo.select(
            "truth", a=pl.concat_str(pl.lit("12 Lê Lợi"), *units, separator=", ")
        ),
        "no province": frame.select("truth", a=pl.concat_str(*units[:-1], separator=", ")),
        "no tones or commas": rows.select("truth", a=fold(pl.concat_str(*units, separator=" "))),
    }
    if "district" in units:
        no_district = pl.concat_str("ward", "province", separator=", ")
        texts["no district"] = frame.select("truth", a=no_district)
        texts["no district, no type words"] = rows.select("truth", a=no_district)
        # Somebody looked up another district: ward and district contradict each other.
        other = frame.with_columns(pl.col("district").shuffle(seed=1).over("province"))
        texts["another district"] = other.select("truth", a=pl.concat_str(*units, separator=", "))
    return pl.concat([text.with_columns(damage=pl.lit(name)) for name, text in texts.items()])


def doubt(old: pl.DataFrame, new: pl.DataFrame) -> None:
    """Print how often a given ward is right, by confidence and by kind of damage."""
    rng = np.random.default_rng(7)
    texts = pl.concat(
        [
            damaged(old, rng).with_columns(form=pl.lit("old")),
            damaged(new, rng).with_columns(form=pl.lit("new")),
        ]
    )
    done = texts.with_columns(addresses.clean("a").struct.unnest()).with_columns(
        given=pl.col("ward").is_not_null(),
        right=pl.col("truth").list.contains(pl.col("ward")).fill_null(value=False),
        among=(pl.col("truth").list.set_intersection("ward_candidates").list.len() > 0),
        bucket=(pl.col("confidence") * 20).floor() / 20,
    )
    per_cent = [
        pl.len().alias("texts"),
        (100 * pl.col("given").mean()).alias("given %"),
        (100 * pl.col("right").filter("given").mean()).alias("given right %"),
        (100 * pl.col("among").mean()).alias("among candidates %"),
        pl.col("confidence").mean().alias("mean confidence"),
    ]
    print(done.group_by("form", "damage", maintain_order=True).agg(per_cent))
    print(done.group_by("bucket").agg(per_cent).sort("mean confidence"))


def speed(rows: int = 1_000_000) -> None:
    """Print texts a second for addresses of a generated population."""
    rng = np.random.default_rng(3)
    wards = reference.wards().drop_nulls("old_ward")
    home = wards.sample(900, seed=1)
    picked = home[rng.integers(home.height, size=rows)]
    texts = picked.with_columns(
        house=pl.Series(rng.integers(1, 240, size=rows)).cast(pl.String),
        group=pl.Series(rng.integers(1, 16, size=rows)).cast(pl.String),
        pick=pl.Series(rng.integers(6, size=rows)),
    )
    ends = [pl.concat_str("old_ward", "old_district", "old_province", separator=", ")]
    ends += [pl.concat_str("new_ward", "new_province", separator=", ")]
    ends += [end.str.replace_many(list(SHORT), list(SHORT.values()), leftmost=True) for end in ends]
    ends += [fold(ends[0], keep=","), ends[0]]
    tail = pl.coalesce(pl.when(pl.col("pick") == n).then(end) for n, end in enumerate(ends))
    head = pl.format("Số {} Đường Lê Lợi, Tổ {}, ", "house", "group")
    frame = texts.select(a=pl.concat_str(head, tail))
    addresses.clean("a")
    for name, text in {
        "commas": pl.col("a"),
        "no commas": pl.col("a").str.replace_all(",", ""),
    }.items():
        column = frame.select(text.alias("a"))
        wall, used = time.perf_counter(), time.process_time()
        column.select(addresses.clean("a"))
        wall, used = time.perf_counter() - wall, time.process_time() - used
        print(f"{name}: {rows / wall:,.0f} a second on this machine, {used:.2f} CPU seconds")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the public files")
    given = parser.parse_args()
    old = old_units(given.data)
    new = reference.new_wards().select(
        ward="new_ward", province="new_province", truth=pl.concat_list("new_ward_code")
    )
    with pl.Config(
        tbl_rows=-1, tbl_hide_dataframe_shape=True, fmt_str_lengths=60, float_precision=2
    ):
        print("Old wards", by_writing(old, "ward", "district", "province"))
        print("New wards", by_writing(new, "ward", "province"))
        if given.data:
            aliases(given.data)
        doubt(old, new)
    speed()


if __name__ == "__main__":
    main()
