"""The result of profiling: two frames, cleaning expressions, and how they show themselves."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import Final

import polars as pl

from cleaners import legacy
from cleaners.issue_codes import MEANINGS
from cleaners.profiling import view
from cleaners.profiling.kinds import Kind

__all__ = ["NO_LIMIT", "Profile", "Recipe"]

#: Without a reference date nothing counts as future, and two-digit years are of this century.
NO_LIMIT: Final = datetime.date(2099, 12, 31)


@dataclass(frozen=True)
class Recipe:
    """How to clean one column.

    Attributes:
        column: its name.
        kind: with its cleaner.
        is_text: whether it is a String column.
        is_damaged: whether text in an old encoding was found.
    """

    column: str
    kind: Kind
    is_text: bool
    is_damaged: bool

    def expression(self, reference_date: datetime.date, suffix: str) -> pl.Expr:
        """The cleaning expression."""
        column = pl.col(self.column) if self.is_text else pl.col(self.column).cast(pl.String)
        if self.is_damaged:
            column = legacy.repaired(column)
        return self.kind.clean(column, reference_date).alias(self.column + suffix)

    def written(self, date: datetime.date | None) -> str:
        """The cleaning expression as one writes it."""
        name = json.dumps(self.column, ensure_ascii=False)
        column = name if self.is_text else f"pl.col({name}).cast(pl.String)"
        if self.is_damaged:
            column = f"cleaners.legacy.repaired({column})"
        day = "..." if date is None else f"datetime.date({date.year}, {date.month}, {date.day})"
        more = f", reference_date={day}" if self.kind.needs_date else ""
        alias = json.dumps(self.column + "_clean", ensure_ascii=False)
        return f"cleaners.{self.kind.module}.clean({column}{more}).alias({alias})"


@dataclass(frozen=True, repr=False)
class Profile:
    """What a frame holds; it shows itself as a table and never contains a value.

    Attributes:
        rows: rows of the frame.
        checked: values of a column, at most, on which validity and issues were counted.
        columns: one row per column: column, looks_like (a kind with a cleaner, or key, category,
            number, text, empty), confidence (0 to 1), filled (share of rows that are not blank),
            distinct (share of the filled), valid (share of the filled that the cleaner can use;
            null for kinds without a cleaner), encoding (the commonest old encoding that was met
            in a column of words), issues (list of code, rows, share).
        reference_date: as given to ``profile``.
        recipes: how to clean each column that has a cleaner.
    """

    rows: int
    checked: int
    columns: pl.DataFrame
    reference_date: datetime.date | None
    recipes: tuple[Recipe, ...]

    @property
    def suggested(self) -> dict[str, str]:
        """Column to the expression that cleans it, as one writes it."""
        return {recipe.column: recipe.written(self.reference_date) for recipe in self.recipes}

    @property
    def issues(self) -> pl.DataFrame:
        """One row per column and issue: column, code, rows, share of the filled rows, meaning."""
        listed = self.columns.filter(pl.col("issues").list.len() > 0)
        return (
            listed.select("column", "issues")
            .explode("issues")
            .unnest("issues")
            .with_columns(
                meaning=pl.col("code").replace_strict(
                    dict(MEANINGS), default=None, return_dtype=pl.String
                )
            )
        )

    def expressions(
        self, *, reference_date: datetime.date | None = None, suffix: str = "_clean"
    ) -> list[pl.Expr]:
        """The cleaners of all columns that have one, for ``frame.with_columns(...)``.

        Args:
            reference_date: for dates; by default the profile's.
            suffix: of the new columns; the raw ones stay.

        Raises:
            ValueError: there are dates and no reference date.
        """
        date = reference_date or self.reference_date
        dated = [recipe.column for recipe in self.recipes if recipe.kind.needs_date]
        if dated and date is None:
            message = (
                f"expected a reference date, since {', '.join(dated)} hold dates, found none; "
                "try: expressions(reference_date=datetime.date(...))"
            )
            raise ValueError(message)
        return [recipe.expression(date or NO_LIMIT, suffix) for recipe in self.recipes]

    def __repr__(self) -> str:
        """A table in plain text."""
        return view.as_text(self.rows, self.checked, self.columns)

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        return view.as_html(self.rows, self.checked, self.columns, MEANINGS)
