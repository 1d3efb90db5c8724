"""Values repaired, marked or let alone, by the confidence of the judgement."""

from __future__ import annotations

from typing import Final

import polars as pl

from cleaners import issues
from cleaners.columns import as_whole, by_distinct
from cleaners.errors import EncodingError
from cleaners.legacy.judging import judged
from cleaners.legacy.oddness import is_odd
from cleaners.legacy.words import KINDS
from cleaners.text import as_expr, fold, named_like

__all__ = ["FIELDS", "SUSPECT", "THRESHOLD", "clean", "repaired"]

#: From this confidence on a value is converted.
THRESHOLD: Final = 0.8
#: From this confidence on a value is called suspicious.
SUSPECT: Final = 0.7
FIELDS: Final[dict[str, pl.DataType]] = {
    "value": pl.String(),
    "encoding": pl.String(),
    "confidence": pl.Float64(),
    "pattern": pl.String(),
    "issues": pl.List(pl.String()),
}
#: The score at which a kind is as likely as not.
_HALF: Final = 0.22
_CHUNK: Final = 200_000

_COMBINING: Final = "[\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323]"
_HALF_COMPOSED: Final = "[ăâêôơưĂÂÊÔƠƯ][\u0300\u0301\u0303\u0309\u0323]"


def _study(values: pl.DataFrame, expect: str | None) -> pl.DataFrame:
    """The result for distinct odd values.

    Args:
        values: ``raw``.
        expect: the kind that is expected.

    Returns:
        ``raw`` and the fields of ``FIELDS``, in the same order.
    """
    raw, form = pl.col("raw"), pl.col("form")
    composed = pl.when(raw.str.contains(_COMBINING)).then(raw.str.normalize("NFC")).otherwise(raw)
    study = judged(values.with_row_index("i").with_columns(form=composed), expect)
    # Composed text can turn out to be clean.
    still_odd = is_odd(study["form"], expect)
    score = pl.when(still_odd).then(pl.col("score").clip(0.0)).otherwise(0.0)
    study = study.with_columns(sure=score / (score + _HALF), was_composed=form != raw)
    study = study.with_columns(
        is_read=pl.col("sure") >= THRESHOLD,
        is_suspected=pl.col("sure").is_between(SUSPECT, THRESHOLD, closed="left"),
    )
    is_read = pl.when("is_read")
    study = study.with_columns(
        value=is_read.then("full").otherwise("form"),
        has_lost=is_read.then("has_lost_read").otherwise("has_lost_unread"),
        left=is_read.then("lost_read").otherwise("lost_unread"),
        is_half=pl.col("was_composed") & raw.str.contains(_HALF_COMPOSED),
    )
    return study.select(
        "raw",
        "value",
        *_verdict(),
        pl.when("has_lost").then(fold("left", keep="_")).alias("pattern"),
        issues.collect(
            legacy_encoding=pl.col("is_read") | pl.col("is_half"),
            suspected_encoding=pl.col("is_suspected"),
            lost_letters=pl.col("has_lost"),
        ),
    )


def _verdict() -> list[pl.Expr]:
    """The kind of damage and the confidence in it."""
    is_kind = pl.col("is_read") | pl.col("is_suspected")
    encoding = (
        pl.when(is_kind)
        .then("kind")
        .when("is_half")
        .then(pl.lit("cp1258"))
        .when("was_composed")
        .then(pl.lit("nfd"))
        .when("has_lost")
        .then(pl.lit("lost"))
    )
    # A question mark can be one; the replacement character is always a loss.
    of_loss = pl.when(pl.col("raw").str.contains("\ufffd", literal=True)).then(1.0).otherwise(0.9)
    confidence = (
        pl.when(is_kind).then("sure").when("was_composed").then(1.0).when("has_lost").then(of_loss)
    )
    return [encoding.alias("encoding"), confidence.cast(pl.Float64).alias("confidence")]


def _studied(distinct: pl.Series, expect: str | None) -> pl.Series:
    """The result for each distinct odd value, in chunks that fit into memory."""
    if distinct.is_empty():
        return pl.Series(dtype=pl.Struct(FIELDS))
    chunks = distinct.to_frame("raw").iter_slices(_CHUNK)
    return pl.concat([_study(chunk, expect).select(FIELDS.keys()).to_struct() for chunk in chunks])


def _untouched(raw: pl.Series) -> pl.DataFrame:
    """The fields of text that is clean."""
    none = dict.fromkeys(FIELDS) | {"issues": []}
    others = [
        pl.Series(name, [none[name]], dtype).new_from_index(0, raw.len())
        for name, dtype in FIELDS.items()
        if name != "value"
    ]
    return pl.DataFrame([raw.alias("value"), *others])


def _run(series: pl.Series, expect: str | None) -> pl.Series:
    """Study the odd values and put the results in their places; others are clean."""
    raw = series.cast(pl.String)
    odd = is_odd(raw, expect)
    if not odd.any():
        return _untouched(raw).to_struct(series.name)
    found = by_distinct(raw.filter(odd), lambda distinct: _studied(distinct, expect))
    nothing = dict.fromkeys(FIELDS) | {"issues": []}
    results = pl.concat([pl.Series([nothing], dtype=found.dtype), found])
    # Row 0 is what clean text gets; the n-th odd value is row n.
    place = odd.cast(pl.UInt32).cum_sum() * odd.cast(pl.UInt32)
    done = results.gather(place).struct.unnest()
    value = pl.when(odd).then("value").otherwise(raw).alias("value")
    return done.with_columns(value).to_struct(series.name)


def clean(column: str | pl.Expr, *, expect: str | None = None) -> pl.Expr:
    """Recognise and repair text that passed through an old encoding or a keyboard without driver.

    Args:
        column: a String column, as it came: before anything drops invisible characters.
        expect: the kind that the column as a whole was found to have (see ``detect``); weak single
            values are then taken for that kind too.

    Returns:
        Struct ``value`` (repaired and composed; the input untouched where nothing was repaired),
        ``encoding``, ``confidence`` (0 to 1), ``pattern``, ``issues``.

    Raises:
        EncodingError: ``expect`` is no kind of this package.

    >>> frame = pl.DataFrame({"n": ["NguyÔn V¨n Hµ", "Nguy?n An", "Lê Hoà"]})
    >>> frame.select(clean("n")).unnest("n").select("value", "encoding", "pattern").rows()
    [('Nguyễn Văn Hà', 'tcvn3', None), ('Nguy?n An', 'lost', 'nguy_n an'), ('Lê Hoà', None, None)]
    """
    if expect is not None and expect not in KINDS:
        raise EncodingError(
            expected=f"one of {', '.join(KINDS)}", found=f"{expect!r}", hint="expect=None"
        )
    # As a whole, not chunk by chunk: damaged values repeat.
    return as_whole(column, lambda series: _run(series, expect), pl.Struct(FIELDS))


def repaired(column: str | pl.Expr) -> pl.Expr:
    """Only the repaired text.

    >>> pl.select(repaired(pl.lit("Nguyeãn Vaên Haø"))).item()
    'Nguyễn Văn Hà'
    """
    return named_like(clean(column).struct["value"], as_expr(column))
