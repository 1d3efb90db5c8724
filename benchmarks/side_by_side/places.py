"""Addresses read back exactly as the generator wrote them: every style of every ward is known."""

from __future__ import annotations

from typing import Final

import polars as pl

from sample_data import addresses
from sample_data.addresses import plain

SHORT: Final = {"to dan pho ": "tdp ", "khu pho ": "kp ", "so ": "sn ", "duong ": "d. "}


class Places:
    """The wards of both editions in every style, and how many people live in each.

    Args:
        register: the population, with ``noi_thuong_tru``.
    """

    def __init__(self, register: pl.DataFrame) -> None:
        land = addresses.country(1000, 1)
        wards = land.wards.select(unit=pl.concat_str("new_ward", "new_province", separator="|"))
        codes = wards["unit"].unique().sort()
        number = wards["unit"].replace_strict(codes, pl.int_range(len(codes), eager=True))
        styles = len(addresses.STYLES)
        rows = pl.DataFrame(
            {
                "tail": land.tails,
                "unit": number.gather(pl.int_range(len(land.tails), eager=True) // styles),
            }
        )
        self._tails = (
            rows.with_columns(tail=_folded(pl.col("tail")))
            .group_by("tail")
            .agg(units=pl.col("unit").unique(), rows=pl.len() / styles)
        )
        # The register has its tone marks, by which two communes of a province may differ.
        toned = rows.with_columns(_toned(pl.col("tail"))).unique("tail", keep="first")
        self._unit_of = dict(zip(toned["tail"], toned["unit"], strict=True))
        self._wards = len(wards)
        homes = register.select(self.written("noi_thuong_tru", "at")).unnest("at")
        self._share = homes.group_by("unit").agg(share=pl.len() / len(homes))

    def written(self, column: str, name: str) -> pl.Expr:
        """A register address, new units in full: a struct of ``unit`` and folded ``detail``."""
        parts = _folded(pl.col(column)).str.split(", ")
        tail = _toned(pl.col(column)).str.split(", ").list.tail(2).list.join(", ")
        unit = tail.replace_strict(self._unit_of, default=None, return_dtype=pl.Int64)
        return pl.struct(unit=unit, detail=_detail(parts, 2)).alias(name)

    def found(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add ``units`` (new units that it may mean), ``detail``, ``chance`` and ``anywhere``.

        ``anywhere`` is the probability that a home nobody knows of is written like this, and
        ``chance`` that one in this ward is.
        """
        parts = _folded(pl.col("address")).str.split(", ")
        known = self._tails["tail"].implode()
        three, two = (parts.list.tail(n).list.join(", ") for n in (3, 2))
        is_old = three.is_in(known).fill_null(value=False) & (parts.list.len() >= 3)
        frame = frame.with_columns(
            tail=pl.when(is_old).then(three).otherwise(two),
            detail=pl.when(is_old).then(_detail(parts, 3)).otherwise(_detail(parts, 2)),
        )
        frame = frame.join(self._tails, on="tail", how="left", maintain_order="left")
        by_tail = self._tails.explode("units").join(
            self._share, left_on="units", right_on="unit", how="left"
        )
        lived = by_tail.group_by("tail").agg(pl.col("share").sum())
        frame = frame.join(lived, on="tail", how="left", maintain_order="left")
        ward = 0.6 * pl.col("share") + 0.4 * pl.col("rows") / self._wards
        chance = _chance_of_detail(pl.col("detail"))
        return frame.with_columns(chance=chance, anywhere=ward * chance)


def _folded(text: pl.Expr) -> pl.Expr:
    return plain(text.str.normalize("NFC")).str.to_lowercase()


def _toned(text: pl.Expr) -> pl.Expr:
    return text.str.normalize("NFC").str.to_lowercase()


def _detail(parts: pl.Expr, tail: int) -> pl.Expr:
    text = parts.list.head(parts.list.len() - tail).list.join(", ")
    short = text.str.replace_many(list(SHORT), list(SHORT.values()))
    return pl.when(short != "").then(short)


def _chance_of_detail(detail: pl.Expr) -> pl.Expr:
    """One of three forms of a town or of the country, house, lane, street, group, hamlet drawn."""
    street, group = detail.str.contains(r"\bd\. "), detail.str.contains(r"\b(to|kp) \d")
    hamlet = ~street & ~detail.str.contains(r"\b(to|kp) \d+$")
    chances = {239: detail.str.starts_with("sn "), 89: detail.str.contains(r"/|ngo "), 14: street}
    chances |= {15: group, 9: hamlet}
    product = pl.lit(1 / 3)
    for count, drawn in chances.items():
        product = product * pl.when(drawn).then(1 / count).otherwise(1.0)
    return pl.when(detail.is_null()).then(1.0).otherwise(product)
