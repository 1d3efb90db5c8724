"""Values repaired, marked or let alone, by the confidence of the judgement."""

from __future__ import annotations

from typing import Final

import polars as pl

from cleaners import issues
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


def _studied(values: pl.Series, expect: str | None) -> pl.DataFrame:
    """The result for each distinct value, in chunks that fit into memory."""
    if values.is_empty():
        return pl.DataFrame(schema={"raw": pl.String, **FIELDS})
    distinct = values.alias("raw").unique(maintain_order=True).to_frame()
    return pl.concat([_study(chunk, expect) for chunk in distinct.iter_slices(_CHUNK)])


def _run(series: pl.Series, expect: str | None) -> pl.Series:
    """Study the odd values and put the results in their places; others are clean."""
    raw = series.cast(pl.String).alias("raw").to_frame()
    odd = is_odd(raw["raw"], expect)
    values = raw.filter(odd)
    done = _studied(values["raw"], expect)
    found = values.join(done, on="raw", how="left", maintain_order="left")
    clean_text = pl.DataFrame(
        {"raw": [None], "value": [None], "issues": [[]]},
        schema_overrides={"raw": pl.String, **FIELDS},
    )
    table = pl.concat([clean_text, found], how="diagonal")
    # Row 0 is what clean text gets; the n-th odd value is row n.
    place = odd.cast(pl.UInt32).cum_sum() * odd.cast(pl.UInt32)
    spread = table.select(pl.struct(list(FIELDS)).gather(place).alias("done")).unnest("done")
    value = pl.when(odd).then(spread["value"]).otherwise(raw["raw"]).alias("value")
    return spread.with_columns(value).select(pl.struct(list(FIELDS)).alias(series.name)).to_series()


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
    expr = as_expr(column)
    # As a whole, not chunk by chunk: damaged values repeat. A literal has to be broadcast.
    result = expr.map_batches(
        lambda series: _run(series, expect),
        return_dtype=pl.Struct(FIELDS),
        is_elementwise=not expr.meta.root_names(),
    )
    return named_like(result, expr)


def repaired(column: str | pl.Expr) -> pl.Expr:
    """Only the repaired text, at next to no cost where a column is clean.

    >>> pl.select(repaired(pl.lit("Nguyeãn Vaên Haø"))).item()
    'Nguyễn Văn Hà'
    """

    def run(series: pl.Series) -> pl.Series:
        raw = series.alias("raw").to_frame()
        odd = is_odd(raw["raw"])
        if not odd.any():
            return series
        done = _studied(raw["raw"].filter(odd), None)
        changed = done.filter(pl.col("value") != pl.col("raw")).select("raw", "value")
        if not changed.height:
            return series
        found = raw.filter(odd).join(changed, on="raw", how="left", maintain_order="left")
        place = (odd.cast(pl.Int64).cum_sum() - 1).clip(lower_bound=0)
        new = found.select(pl.coalesce("value", "raw")).to_series().gather(place)
        return raw.select(pl.when(odd).then(new).otherwise("raw").alias(series.name)).to_series()

    expr = as_expr(column)
    return expr.map_batches(run, return_dtype=pl.String, is_elementwise=not expr.meta.root_names())
