"""How the command line speaks: tables and progress on a terminal, plain lines in a pipe, errors.

Results go to stdout; progress, warnings and errors to stderr. Nothing here shows a person's value
unless it is asked to debug.
"""

from __future__ import annotations

import io
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import typer

from linkage.errors import LinkageError
from linkage.progress import Progress, quiet

if TYPE_CHECKING:
    import polars as pl

INTERNAL: Final = 1
"""Exit code of a fault that nobody foresaw."""
INTERRUPTED: Final = 130
NOTHING_WRITTEN: Final = "nothing was written"
_OURS: Final = ("linkage", "cleaners")
_QUERY_INTERRUPTED: Final = re.compile(r"\b(query interrupted|interrupt error)\b", re.IGNORECASE)


# --- results --------------------------------------------------------------------------------------


def line(text: str = "") -> None:
    """Write a line of a result, however long."""
    typer.echo(text)


def table(frame: pl.DataFrame, heads: Mapping[str, str] | None = None) -> None:
    """Write a frame as aligned columns, never cut off.

    Args:
        frame: one row per line.
        heads: column to heading; all columns under their names by default.
    """
    shown = heads or {name: name.replace("_", " ") for name in frame.columns}
    right = [frame.schema[name].is_numeric() for name in shown]
    cells = [[_cell(value) for value in row] for row in frame.select(*shown).rows()]
    widths = [max(map(len, column)) for column in zip(shown.values(), *cells, strict=True)]

    def laid_out(row: list[str]) -> str:
        columns = zip(row, widths, right, strict=True)
        return "  ".join(
            text.rjust(width) if is_right else text.ljust(width)
            for text, width, is_right in columns
        ).rstrip()

    line(typer.style(laid_out(list(shown.values())), bold=True))
    for row in cells:
        line(laid_out(row))


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 10 else f"{value:,.1f}"
    return str(value)


# --- progress -------------------------------------------------------------------------------------


@contextmanager
def counted(total: int, label: str, unit: str = "steps") -> Iterator[Callable[[int, str], None]]:
    """Show a bar with counts and time left, on a terminal.

    Args:
        total: units of work.
        label: what is shown before the first word.
        unit: what is counted.

    Yields:
        A function that takes the units done so far and what happens now.
    """
    if not sys.stderr.isatty():
        yield lambda done, label: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress
    from rich.table import Column

    def fixed() -> Column:
        return Column(no_wrap=True)

    columns = (
        SpinnerColumn(table_column=Column(min_width=1)),
        BarColumn(bar_width=None, table_column=Column(min_width=8, max_width=24, ratio=1)),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f}", table_column=fixed()),
        TextColumn(unit, table_column=fixed()),
        TimeRemainingColumn(table_column=Column(no_wrap=True, min_width=7)),
        TextColumn("left", table_column=fixed()),
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=3)),
    )
    console = Console(stderr=True)
    with RichProgress(*columns, console=console, transient=True, expand=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done, label: bar.update(task, completed=done, description=label)


@contextmanager
def steps(total: int) -> Iterator[Progress]:
    """Show steps as they begin, on a terminal.

    Args:
        total: number of steps that will begin.

    Yields:
        What a command is given as ``progress``.
    """
    if not sys.stderr.isatty():
        yield quiet
        return
    with counted(total, "starting") as show:
        begun = 0

        def begin(label: str) -> None:
            nonlocal begun
            show(begun, label)
            begun += 1

        yield begin


@contextmanager
def busy(label: str) -> Iterator[None]:
    """Show that something happens whose steps cannot be counted, on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(label):
        yield


# --- warnings and errors --------------------------------------------------------------------------


class _Warnings(logging.Handler):
    """Shows what the toolkit logs; looks stderr up anew, for a bar may have taken it over."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one message."""
        sys.stderr.write(f"warning: {record.getMessage()}\n")


@contextmanager
def warnings_shown() -> Iterator[None]:
    """Show the toolkit's warnings on stderr."""
    logger, handler = logging.getLogger("linkage"), _Warnings(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def forgiving_streams() -> None:
    """Replace letters that the terminal's encoding lacks, instead of failing on them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def guarded(command: Callable[[], Any], *, debug: bool, interrupted: str = NOTHING_WRITTEN) -> int:
    """Run a command and turn whatever goes wrong into a message and an exit code.

    Args:
        command: returns an exit code, or None for 0.
        debug: show the traceback of a fault that nobody foresaw; it may hold personal values.
        interrupted: what an interruption leaves behind.

    Returns:
        The exit code.
    """
    code = _guarded(command, debug=debug)
    if code == INTERRUPTED:
        _failed(f"interrupted: {interrupted}", code)
    return code


def _guarded(command: Callable[[], Any], *, debug: bool) -> int:
    try:
        return int(command() or 0)  # typer turns some interrupts into a plain 130
    except LinkageError as error:
        if was_interrupted(error):
            return INTERRUPTED
        return _failed(f"error: {error}", error.exit_code)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else INTERNAL
    except BaseException as error:  # a panic of polars is no Exception
        if was_interrupted(error):
            return INTERRUPTED
        if callable(show := getattr(error, "show", None)) and hasattr(error, "exit_code"):
            show()  # the command line itself is wrong
            return int(error.exit_code)
        if debug:
            traceback.print_exc()
            return INTERNAL
        if isinstance(error, OSError) and error.strerror:
            names = ": ".join(str(part) for part in (error.filename, error.strerror) if part)
            return _failed(f"error: {names}", INTERNAL)
        return _failed(
            f"internal error ({type(error).__name__} in {_place(error.__traceback__)})\n"
            "  try: the same with --debug shows where it comes from (and may show personal values);"
            " please report it",
            INTERNAL,
        )


def was_interrupted(error: BaseException) -> bool:
    """Whether somebody pressed Ctrl-C, however a library below has dressed it up.

    DuckDB raises an ``InterruptException`` or a ``RuntimeError`` that says so, for the signal
    reaches it inside a query.

    Example:
        >>> was_interrupted(RuntimeError("Query interrupted")), was_interrupted(ValueError("no"))
        (True, False)
    """
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        if isinstance(link, (KeyboardInterrupt, typer.Abort)):
            return True
        if type(link).__name__ == "InterruptException" or _says_interrupted(link):
            return True
        link = link.__cause__ or link.__context__
    return False


def _says_interrupted(error: BaseException) -> bool:
    # only the engine's own words: a value in a message of ours must not look like an interrupt
    return isinstance(error, RuntimeError) and bool(_QUERY_INTERRUPTED.search(str(error)))


def _failed(text: str, code: int) -> int:
    sys.stderr.write(f"{text}\n")
    return code


def _place(trace: TracebackType | None) -> str:
    """Module and line of the innermost frame of ours."""
    places = [
        (str(frame.f_globals.get("__name__", "?")), number)
        for frame, number in traceback.walk_tb(trace)
    ]
    ours = [place for place in places if place[0].split(".")[0] in _OURS]
    module, number = (ours or places or [("?", 0)])[-1]
    return f"{module}:{number}"
