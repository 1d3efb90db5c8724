"""A look at the sources of a job before any work: there, readable, with the right columns?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from linkage.columns import FEEDBACK_COLUMNS
from linkage.config.load import Job
from linkage.config.models import SourceConfig
from linkage.errors import LinkageError, Problem, SourceError

if TYPE_CHECKING:
    from linkage.read.files import FileFormat
    from linkage.read.parts import Headers


@dataclass(frozen=True)
class SourcePeek:
    """What a look at one source shows.

    Attributes:
        name: ``population`` or the registry.
        path: the file.
        format: csv, parquet or arrow.
        size: bytes.
        columns: names of its columns.
        mapped: how many of them the job maps.
        encoding: of a CSV, as far as its first megabyte shows.
        delimiter: of a CSV.
        has_rows: whether anything stands below the header.
    """

    name: str
    path: Path
    format: FileFormat
    size: int
    columns: tuple[str, ...]
    mapped: int
    encoding: str | None
    delimiter: str | None
    has_rows: bool


def check(job: Job, *, frames: Iterable[str] = ()) -> list[SourcePeek]:
    """Look at every source of a job.

    Args:
        job: a loaded job; loading has checked all that needs no data.
        frames: names of the sources that are handed over as frames: not looked at.

    Returns:
        list[SourcePeek]: one per source, the population first.

    Raises:
        SourceError: everything that is wrong with any of them.
    """
    sources = {"population": (job.config.population.source, job.config.population.columns)}
    sources |= {name: (part.source, part.columns) for name, part in job.config.registries.items()}
    if job.config.feedback is not None:
        sources["feedback"] = (job.config.feedback, {**FEEDBACK_COLUMNS})
    peeks: list[SourcePeek] = []
    problems: list[Problem] = []
    for name, (source, columns) in sources.items():
        if name in set(frames):
            continue
        try:
            peeks.append(peek(name, source, columns))
        except LinkageError as error:
            problems.append(error.as_problem())
    if problems:
        count = len(problems)
        msg = f"{count} of {len(sources)} sources cannot be read as the job says"
        raise SourceError(msg, problems=problems)
    return peeks


def peek(name: str, source: SourceConfig, columns: Headers) -> SourcePeek:
    """Look at one source: its first megabyte, or its schema.

    Raises:
        SourceError: it cannot be read as declared.
    """
    # Reading needs the forms of a job: imported above, either could not be imported alone.
    from linkage.read import files
    from linkage.read.parts import headers

    path = files.locate(name, source.path)
    kind = files.detect(name, path, source.format)
    wanted = headers(columns)
    size = path.stat().st_size
    encoding: str | None = None
    delimiter: str | None = None
    if kind == "csv":
        with path.open("rb") as stream:
            head = stream.read(files.PEEK)
        text = files.open_csv(name, head, source, wanted, partial=size > files.PEEK)
        header, encoding, delimiter = text.header, text.encoding, text.delimiter
        has_rows = bool(text.body.strip())
    else:
        scan = files.table_scan(path, kind)
        try:
            header = tuple(scan.collect_schema().names())
            has_rows = bool(scan.head(1).select(pl.len()).collect().item())
        except (pl.exceptions.PolarsError, OSError) as error:
            raise files.broken_table(name, path, kind, error) from None
    files.place_columns(name, wanted, header)
    return SourcePeek(name, path, kind, size, header, len(wanted), encoding, delimiter, has_rows)
