"""Vietnamese phone numbers in one international form, old 11-digit mobiles renumbered.

National numbers start with 0. Mobiles have ten digits (``0`` and one of 3, 5, 7, 8, 9, and eight
more); landlines start with 02 and have eleven; service numbers are 1800, 1900 or short codes. In
2018 the 11-digit mobiles (012x, 016x, 0186, 0188, 0199) became ten digits: the last seven stay.
The old form still stands in registries and is converted with issue ``renumbered_phone``.

Number portability makes the prefix useless for naming the operator: none is given.

>>> import polars as pl
>>> frame = pl.DataFrame({"phone": ["0162 123 4567", "+84 90-123-4567", "024.3825.1234"]})
>>> frame.select(clean("phone")).unnest("phone").select("value", "kind").rows()
[('+84321234567', 'mobile'), ('+84901234567', 'mobile'), ('+842438251234', 'landline')]
"""

from __future__ import annotations

import polars as pl

from cleaners.identifiers.protocol import without_float_residue
from cleaners.issues import collect
from cleaners.staged import staged
from cleaners.text import only_where, tidy

__all__ = ["RENUMBERED", "clean"]

_FIELDS: dict[str, pl.DataType] = {
    "value": pl.String(),
    "kind": pl.String(),
    "issues": pl.List(pl.String()),
}
#: Old and new mobile prefixes of the 2018 conversion.
RENUMBERED = {
    **{"0162": "032", "0163": "033", "0164": "034", "0165": "035"},
    **{"0166": "036", "0167": "037", "0168": "038", "0169": "039"},
    **{"0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078"},
    **{"0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082"},
    **{"0186": "056", "0188": "058", "0199": "059"},
}
_SEVERAL = r"[/;,|]|\s-\s| hoặc | hoac | or "


def _national(frame: pl.LazyFrame) -> pl.LazyFrame:
    """National form with its leading zero, and what was done to get there."""
    digits = pl.col("digits")
    length = digits.str.len_bytes()
    country = (
        pl.when(digits.str.starts_with("+84") | digits.str.starts_with("0084"))
        .then(digits.str.replace(r"^(?:\+|00)84", ""))
        # 84 without a sign: only where the rest has the length of a national number.
        .when(digits.str.starts_with("84") & length.is_in([11, 12]))
        .then(digits.str.slice(2))
    )
    subscriber = pl.coalesce(country, digits).str.strip_chars_start("0")
    has_zero = digits.str.starts_with("0")
    bare_length = subscriber.str.len_bytes()
    is_bare = country.is_null() & ~has_zero & ~digits.str.starts_with("+")
    plausible = subscriber.str.contains(r"^(?:[35789]\d{8}|1[2689]\d{8}|2\d{9})$")
    is_foreign = country.is_null() & digits.str.contains(r"^(?:\+|00)[1-9]\d{7,14}$")
    return frame.with_columns(
        national=pl.when(bare_length > 0).then(pl.lit("0") + subscriber),
        is_foreign=is_foreign,
        is_short=country.is_null() & digits.str.contains(r"^(?:1[89]00\d{4,6}|1\d{2,3})$"),
        is_zero_lost=is_bare & plausible,
        is_trusted=country.is_not_null() | has_zero | (is_bare & plausible),
    )


def _renumber(frame: pl.LazyFrame) -> pl.LazyFrame:
    """New prefix for eleven-digit mobiles, and the kind of number."""
    national = pl.col("national")
    prefix = national.str.head(4).replace_strict(RENUMBERED, default=None, return_dtype=pl.String)
    is_eleven = (national.str.len_bytes() == 11) & national.str.starts_with("01")
    trusted = pl.col("is_trusted") & ~pl.col("is_foreign")
    kind = (
        pl.when(pl.col("is_short"))
        .then(pl.lit("service"))
        .when("is_foreign")
        .then(pl.lit("foreign"))
        .when(trusted & national.str.contains(r"^0[35789]\d{8}$"))
        .then(pl.lit("mobile"))
        .when(trusted & national.str.contains(r"^02\d{9}$"))
        .then(pl.lit("landline"))
    )
    return (
        frame.with_columns(new_prefix=pl.when(is_eleven).then(prefix))
        .with_columns(
            national=pl.coalesce(pl.col("new_prefix") + national.str.slice(4), "national")
        )
        .with_columns(kind=kind)
    )


def _stages(raw: pl.LazyFrame) -> pl.LazyFrame:
    """Value, kind and issues."""
    text, digits, kind = pl.col("text"), pl.col("digits"), pl.col("kind")
    first = only_where(
        text,
        lambda expr: expr.str.contains(_SEVERAL),
        lambda expr: expr.str.extract(rf"^(.*?\d{{7,}}.*?|.*?)(?:{_SEVERAL})"),
    )
    plain = only_where(
        pl.col("first"),
        lambda expr: expr.str.contains(r"\D"),
        lambda expr: (
            expr.str.replace(r"^\s*\(?\+", "P")
            .str.replace_all(r"[^0-9P]", "")
            .str.replace("P", "+", literal=True)
        ),
    )
    is_zeros = digits.str.contains(r"^\+?0{3,}$")
    value = (
        pl.when(kind.is_in(["mobile", "landline"]))
        .then(pl.lit("+84") + pl.col("national").str.slice(1))
        .when(kind == "service")
        .then(pl.lit("+84") + digits)
        .when(kind == "foreign")
        .then(pl.lit("+") + digits.str.replace(r"^(?:\+|00)", ""))
    )
    prepared = raw.with_columns(text=tidy(without_float_residue("raw"))).with_columns(first=first)
    return _renumber(_national(prepared.with_columns(digits=plain))).with_columns(
        collect(
            renumbered_phone=pl.col("new_prefix").is_not_null() & (kind == "mobile"),
            leading_zero_lost=pl.col("is_zero_lost") & kind.is_in(["mobile", "landline"]),
            several_numbers=pl.col("first") != text,
            placeholder_number=text.is_not_null() & is_zeros,
            malformed_phone=text.is_not_null() & kind.is_null() & ~is_zeros.fill_null(value=False),
        ),
        value=value,
        kind=pl.when(text.is_not_null()).then(kind.fill_null("unknown")),
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean phone numbers.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (``+84...``, or ``+`` and a foreign number; null if
        unusable), kind (mobile, landline, service, foreign, unknown), issues
        (``renumbered_phone``, ``leading_zero_lost``, ``several_numbers``, ``placeholder_number``,
        ``malformed_phone``).
    """
    return staged(column, _stages, _FIELDS)
