"""The report: one page that says what a run found, in counts and plain sentences.

It holds no value of any record, opens offline, runs no script and asks nothing from anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

import polars as pl

from linkage.charts import stacked_bars
from linkage.contracts import DUPLICATE_REASONS, LINK_STATUSES, REASONS, SEVERITIES, case_table
from linkage.report import life, page, provenance
from linkage.rules import RULES

if TYPE_CHECKING:
    from linkage.result import RegistryResult, RunResult

STATUS_MEANINGS: Final[Mapping[str, str]] = {
    "linked": "the record is one person's",
    "review": "somebody should look: the candidates are in the review list",
    "unlinked": "no person in the register fits well enough",
    "not_applicable": "the holder is an organisation",
    "rejected": "the row could not be used; it is in the rejects list",
}
OUTCOME_MEANINGS: Final[Mapping[str, str]] = {
    "MATCH": "the number is in the register, name and birth date agree",
    "FIELD_DIFF": "the number is in the register, name or birth date differ",
    "NOT_FOUND": "the number is well-formed, but the register does not hold it",
    "BAD_ID": "the number is malformed",
    "NOT_CHECKED": "there is no number, or it is not one to look up",
}
KIND_MEANINGS: Final[Mapping[str, str]] = {
    "diacritics": "tone marks lost or misplaced",
    "typo": "typing error",
    "outdated": "was right once",
    "missing": "not filled, or only in part (a year without a day)",
    "format": "written in another form",
}

_GRAVITY: Final = {word: len(SEVERITIES) - place for place, word in enumerate(SEVERITIES)}
_REGISTRY: Final = {"registry": "registry"}


def render(result: RunResult) -> str:
    """Make the report of a run.

    Args:
        result: a run, finished or read back.

    Returns:
        A whole HTML document without any value of a record.
    """
    manifest, result = result.manifest, result.living
    return page.page(
        f"{manifest['job']} · registry linkage",
        _head(result),
        _alarms(manifest.get("warnings", [])),
        _dispositions(result),
        provenance.certainty(manifest),
        _look_up(result),
        _flagged(result),
        _duplicates(result),
        _corrections(result),
        life.since(manifest),
        provenance.columns(manifest),
        provenance.sources(manifest, result.population_issues.height),
        provenance.work(manifest),
        f"<footer>Output contract version {escape(str(manifest['schema_version']))}."
        " Counts only: this page holds no value of any record.</footer>",
    )


def _head(result: RunResult) -> str:
    manifest, totals = result.manifest, result.summary.drop("registry").sum().row(0, named=True)
    shown = {
        "reference date": manifest["reference_date"],
        "started": provenance.moment(manifest["started"]),
        "finished": provenance.moment(manifest["finished"]),
        "people in the population register": f"{manifest['population'].get('people') or 0:,}",
        "configuration": provenance.short_hash(manifest["config"]["sha256"]),
    }
    figures = [
        (f"{totals['rows']:,}", "rows read"),
        (provenance.percent(totals["linked"], totals["rows"]), "linked to a person"),
        (f"{totals['review']:,}", "in review"),
        (f"{totals['flagged']:,}", "flagged"),
        (f"{totals['duplicates']:,}", "in groups of duplicates"),
        (f"{totals['corrections']:,}", "corrections proposed"),
    ]
    return (
        f"<header>\n<h1>{escape(str(manifest['job']))}</h1>\n"
        f'<p class="lead">{escape(str(manifest["purpose"]))}</p>\n'
        f"{page.facts(shown)}\n{page.tiles(figures)}\n</header>"
    )


def _alarms(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    lead = "Before you act on a list, look into these: they make findings that are none."
    return page.section("Warnings", lead, *(page.note(warning) for warning in warnings))


def _dispositions(result: RunResult) -> str:
    names = {status: status.replace("_", " ") for status in LINK_STATUSES}
    meanings = pl.DataFrame({"status": LINK_STATUSES}).with_columns(
        _meaning("status", STATUS_MEANINGS)
    )
    return page.section(
        "Where every row went",
        "Each row of a source has exactly one disposition.",
        stacked_bars(result.summary, "registry", LINK_STATUSES, width=provenance.WIDE).svg,
        page.table(result.summary, {**_REGISTRY, "rows": "rows", **names}, code=["registry"]),
        page.heading("What the dispositions mean"),
        page.table(meanings, {"status": "disposition", "meaning": "meaning"}, code=["status"]),
        page.heading("Why: reasons of the dispositions"),
        page.note("Rows per reason; a row may have more than one."),
        _crossed(result, lambda one: _of(one, "records", "reasons").explode(), "reason", REASONS),
    )


def _look_up(result: RunResult) -> str:
    return page.section(
        "What the look-up says",
        "A look-up of the row's own identity number, name and birth date in the register, as an"
        " agency does it today, whatever the linking found.",
        _crossed(result, lambda one: _of(one, "records", "outcome"), "outcome", OUTCOME_MEANINGS),
        page.heading("Fields that differ"),
        page.note("From the person linked, or else from the owner of the number."),
        _crossed(result, lambda one: _of(one, "records", "diff_fields").explode(), "field"),
    )


def _flagged(result: RunResult) -> str:
    meanings = {code: rule.description["en"] for code, rule in RULES.items()}
    severities = _stacked(
        result,
        lambda one: one.cases.select((pl.col("severity") == s).sum().alias(s) for s in SEVERITIES),
    )
    steps = _stacked(
        result,
        lambda one: (
            one.cases.group_by("severity", "action")
            .agg(cases=pl.len(), protected=(pl.col("protected").list.len() > 0).sum())
            .sort(pl.col("severity").replace_strict(_GRAVITY), "action")
        ),
    )
    heads = {
        "severity": "severity",
        "action": "first step due",
        "cases": "cases",
        "protected": "of these protected",
    }
    return page.section(
        "Flagged records",
        "One case per record that fails a rule. Nothing has been done to any of them. A protected"
        " case only asks, because an automatic step could hurt somebody who did nothing.",
        stacked_bars(
            severities, "registry", SEVERITIES, title="Severity", width=provenance.WIDE
        ).svg,
        page.heading("By rule"),
        page.note("A case may name more than one rule."),
        _crossed(
            result,
            lambda one: _of(one, case_table(one.name).name, "reasons").explode(),
            "rule",
            meanings,
        ),
        page.heading("By severity and first step"),
        page.table(steps, {**_REGISTRY, **heads}, code=["registry", "action"]),
    )


def _duplicates(result: RunResult) -> str:
    counted = (
        pl.col("group_id").n_unique().alias("groups"),
        pl.len().alias("records"),
        (~pl.col("keep")).sum().alias("extra"),
    )
    groups = _stacked(
        result,
        lambda one: (
            one.duplicates.explode("reasons").group_by("reasons").agg(*counted).sort("reasons")
        ),
    )
    heads = {
        "reasons": "reason",
        "meaning": "meaning",
        "groups": "groups",
        "records": "records",
        "extra": "beyond the one to keep",
    }
    return page.section(
        "Duplicates",
        "Records that should be one. Those beyond the one to keep stay linked.",
        page.table(
            groups.with_columns(_meaning("reasons", DUPLICATE_REASONS)),
            {**_REGISTRY, **heads},
            code=["registry", "reasons"],
        ),
    )


def _corrections(result: RunResult) -> str:
    counts = _stacked(
        result,
        lambda one: one.part("corrections", "field", "kind").group_by("field", "kind").len("n"),
    )
    heads = {"field": "field", "kind": "kind", "meaning": "meaning"}
    wide, registries = _wide(result, counts, ["field", "kind"])
    table = page.note("None.")
    if registries:
        shown = wide.with_columns(_meaning("kind", KIND_MEANINGS)).sort(
            "field", "total", "kind", descending=[False, True, False]
        )
        table = page.table(shown, {**heads, **registries}, code=["field", "kind"])
    return page.section(
        "Corrections",
        "Values that the population register knows better, for records that are surely linked:"
        " proposals by field and kind.",
        table,
    )


def _of(one: RegistryResult, table: str, column: str) -> pl.Series:
    """One column of a list: of a long one that lies on disk, no others are read."""
    return one.part(table, column)[column]


def _crossed(
    result: RunResult,
    pick: Callable[[RegistryResult], pl.Series],
    name: str,
    meanings: Mapping[str, str] | None = None,
) -> str:
    """A table of codes by registry, in the order of their meanings, else frequent first."""
    long = _stacked(
        result,
        lambda one: pick(one).alias("code").drop_nulls().to_frame().group_by("code").len("n"),
    )
    wide, registries = _wide(result, long, ["code"])
    if not registries:
        return page.note("None.")
    order = {code: place for place, code in enumerate(meanings or {})}
    place = pl.col("code").replace_strict(order, default=len(order), return_dtype=pl.Int64)
    shown = wide.with_columns(_meaning("code", meanings or {})).sort(
        place, "total", "code", descending=[False, True, False]
    )
    middle = {"meaning": "meaning"} if meanings else {}
    return page.table(shown, {"code": name, **middle, **registries}, code=["code"])


def _wide(
    result: RunResult, counts: pl.DataFrame, index: list[str]
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Counts ``n`` with a column per registry and a ``total``; the columns with their headings."""
    wide = counts.with_columns(registry=pl.lit("n: ") + pl.col("registry")).pivot(
        on="registry", index=index, values="n", maintain_order=True
    )
    headings = {f"n: {name}": name for name in result if f"n: {name}" in wide.columns}
    return wide.with_columns(total=pl.sum_horizontal(pl.lit(0), *headings)), headings


def _stacked(result: RunResult, make: Callable[[RegistryResult], pl.DataFrame]) -> pl.DataFrame:
    """One frame of all registries' counts, with the registry as first column."""
    return pl.concat(
        make(one).select(pl.lit(name).alias("registry"), pl.all()) for name, one in result.items()
    )


def _meaning(column: str, meanings: Mapping[str, str]) -> pl.Expr:
    found = pl.col(column).replace_strict(
        dict(meanings), default="declared in the configuration", return_dtype=pl.String
    )
    return found.alias("meaning")
