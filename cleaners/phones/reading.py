"""Reading phone numbers: as whole numbers where they are plain, as text where they are not.

Nearly every number is digits behind a plus sign or not, so it is read as an integer; arithmetic
and one small table say what it is. The others, some in a hundred, are taken out of their
surroundings first.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from cleaners.phones.plan import FOREIGN, UNKNOWN, changes, rows_of
from cleaners.phones.remarks import bit
from cleaners.phones.verbs import SERVICE, squeezed
from cleaners.phones.wording import worded

__all__ = ["READ", "read"]

#: International number without its plus, row of ``plan.parts``, bits of the issues.
READ: Final[dict[str, pl.DataType]] = {
    "whole": pl.Int64(),
    "row": pl.UInt32(),
    "bits": pl.UInt32(),
}
_ABROAD: Final = r"^(?:\+|00)([1-9][0-9]{7,14})$"
_STAND_IN: Final = (
    r"^\+?(?:0+|1{7,}|2{7,}|3{7,}|4{7,}|5{7,}|6{7,}|7{7,}|8{7,}|9{7,}"
    r"|(?:84|0)?(?:12345678|123456789|1234567890|987654321|9876543210))$"
)


def _national(digits: pl.Series) -> pl.LazyFrame:
    """Digits as a number without country code and zeros, and what stood before it."""
    number = pl.col("number")
    behind_84 = [
        pl.when((number >= 84 * width) & (number < 85 * width)).then(number - 84 * width)
        for width in (10**9, 10**10, 10**11)
    ]
    return (
        digits.alias("digits").to_frame().lazy()
        .select(
            number=pl.col("digits").cast(pl.Int64, strict=False),
            length=pl.col("digits").str.len_bytes().cast(pl.Int32),
            has_plus=pl.col("digits").str.starts_with("+"),
        )
        .with_columns(behind_84=pl.coalesce(behind_84))
        .with_columns(
            has_84=pl.col("behind_84").is_not_null(),
            national=pl.coalesce("behind_84", "number"),
        )
        .with_columns(
            is_nine=(pl.col("national") >= 10**8) & (pl.col("national") < 10**9),
            is_ten=(pl.col("national") >= 10**9) & (pl.col("national") < 10**10),
        )
    )  # fmt: skip


def _fits(number: pl.Expr, zeros: pl.Expr, is_old_area: pl.Expr) -> pl.Expr:
    """Whether what stands before the national number is in order: 84 or one zero, or nothing.

    Args:
        number: all digits, as a number.
        zeros: how many zeros stood before it: they vanished when it was read.
        is_old_area: of those without a zero only the ten digits in 2 are sure enough.
    """
    plus, has_84 = pl.col("has_plus"), pl.col("has_84")
    is_sure = ~is_old_area | (zeros == 1) | ((number >= 2 * 10**9) & (number < 3 * 10**9))
    return (
        pl.when(has_84)
        .then((zeros >= 0) & (zeros <= pl.when(plus).then(0).otherwise(2)))
        .otherwise(~plus & (zeros >= 0) & (zeros <= 1) & is_sure)
    )


def _numbered(digits: pl.Series) -> pl.DataFrame:
    """Mobiles and landlines: the columns of ``READ``, whole null for anything else."""
    number, national, now = pl.col("number"), pl.col("national"), pl.col("now")
    head = pl.when("is_nine").then(national // 10**6).when("is_ten").then(national // 10**7 + 1000)
    longer = (number >= 84 * 10**10).cast(pl.Int32) + (number >= 84 * 10**11).cast(pl.Int32)
    written = pl.when("has_84").then(11 + longer).when("is_nine").then(9).otherwise(10)
    change = {name: pl.lit(changes()[name]).gather(pl.col("head")) for name in changes().columns}
    old_area = pl.col("is_old_area")
    return (
        _national(digits)
        .with_columns(
            head=head.cast(pl.UInt32),
            zeros=pl.col("length") - pl.col("has_plus").cast(pl.Int32) - written,
        )
        .with_columns(**change)
        .select(
            now=pl.when(_fits(number, pl.col("zeros"), old_area)).then(national + pl.col("added")),
            bits=bit("renumbered_phone", pl.col("is_old_mobile"))
            + bit("renumbered_landline", old_area)
            + bit("leading_zero_lost", ~pl.col("has_84") & (pl.col("zeros") == 0)),
        )
        .select(
            whole=now + pl.when(now < 10**9).then(84 * 10**9).otherwise(84 * 10**10),
            row=(now // pl.when(now < 10**9).then(10**6).otherwise(10**7)).cast(pl.UInt32),
            bits="bits",
        )
        .collect()
    )


def _services(digits: pl.Series) -> pl.DataFrame:
    """Service numbers: the columns of ``READ``, whole null for anything else."""
    service = digits.alias("digits").to_frame().lazy().select(
        number=pl.col("digits").str.extract(SERVICE)
    )  # fmt: skip
    return service.select(
        whole=(pl.lit("84") + pl.col("number")).cast(pl.Int64, strict=False),
        row=rows_of(pl.col("number"), pl.lit(value=False)),
        bits=pl.lit(0, dtype=pl.UInt32),
    ).collect()


def _others(digits: pl.Series) -> pl.DataFrame:
    """Foreign numbers, and what is wrong with the rest: the columns of ``READ``."""
    text, whole = pl.col("digits"), pl.col("whole")
    is_ours = text.str.contains(r"^(?:\+|00)84")
    is_stand_in = text.str.contains(_STAND_IN)
    wrong = bit("placeholder_number", is_stand_in) + bit("malformed_phone", ~is_stand_in)
    return (
        digits.alias("digits").to_frame().lazy()
        .with_columns(whole=pl.when(~is_ours).then(text.str.extract(_ABROAD)))
        .select(
            whole=whole.cast(pl.Int64, strict=False),
            row=pl.when(whole.is_not_null()).then(FOREIGN).when(text.is_not_null()).then(UNKNOWN)
            .cast(pl.UInt32),
            bits=pl.when(whole.is_null()).then(wrong).otherwise(0).cast(pl.UInt32),
        )
        .collect()
    )  # fmt: skip


def _repaired(raw: pl.Series, digits: pl.Series) -> pl.DataFrame:
    """Values that are no plain mobile or landline number: the first reading that finds one."""
    found = worded(raw)
    chosen = _others(found["digits"])
    for reading in (_services(found["digits"]), _numbered(found["digits"])):
        known = reading["whole"].is_not_null()
        chosen = chosen.select(reading[c.name].zip_with(known, c) for c in chosen)
    removed = pl.when(pl.col("whole").is_not_null()).then(found["removed"]).otherwise(0)
    chosen = chosen.with_columns(bits=pl.col("bits") + removed)
    plain = _services(digits)
    known = plain["whole"].is_not_null()
    return chosen.select(plain[c.name].zip_with(known, c) for c in chosen)


def read(raw: pl.Series) -> pl.Series:
    """Read a column of text.

    Returns:
        Structs of ``READ``; whole null where no number was found, row null for blank text.
    """
    digits = raw.alias("raw").to_frame().select(squeezed("raw")).to_series()
    done = _numbered(digits)
    is_odd = done["whole"].is_null() & raw.is_not_null()
    if is_odd.any():
        repaired = _repaired(raw.filter(is_odd), digits.filter(is_odd))
        place = (is_odd.cast(pl.UInt32).cum_sum() - 1).clip(0, repaired.height - 1)
        done = done.select(repaired[c.name].gather(place).zip_with(is_odd, c) for c in done)
    return done.to_struct("read").cast(pl.Struct(READ))
