"""Time every cleaner on realistic values, and what one would use instead in the same run.

    python -m benchmarks.cleaners --values 1000000

Values are generated once (a million people take two minutes) and kept in the folder given by
``--data``. Each cleaner makes its whole struct for all values; the best of three runs counts. The
alternatives work value by value, so they get a slice, and their rate is extrapolated from it.
Loading the reference tables is timed apart.
"""

from __future__ import annotations

import argparse
import datetime
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from benchmarks.peers import PEERS, Peer
from benchmarks.values import load, prepare
from cleaners import addresses, dates, identifiers, names, phones, sex, text

ROOT = Path(__file__).parents[1]
_REFERENCE_DATE = datetime.date(2026, 10, 1)
_OTHER_TARGET = 20.0


@dataclass(frozen=True)
class Case:
    """One cleaner on one kind of values.

    Attributes:
        name: shown in the table.
        values: kind of values, a file of ``benchmarks.values``.
        clean: the expression on column ``raw``.
        peers: key into ``benchmarks.peers.PEERS``.
        target: million values a second to reach on two cores; None: none is set.
        ratio: times faster than the alternative to reach.
    """

    name: str
    values: str
    clean: Callable[[], pl.Expr]
    peers: str
    target: float | None = None
    ratio: float = _OTHER_TARGET


def _dates() -> pl.Expr:
    return dates.clean("raw", reference_date=_REFERENCE_DATE)


def _sexes() -> pl.Expr:
    return sex.clean("raw", one_is="male")


CASES = (
    Case("text.fold", "name", lambda: text.fold("raw"), "fold", 3.0, 5.0),
    Case("text.fold (addresses)", "address", lambda: text.fold("raw"), "fold", 3.0, 5.0),
    Case("dates (births)", "birth_date", _dates, "date", 3.0),
    Case("dates (others)", "date", _dates, "date", 3.0),
    Case(
        "personal_id",
        "personal_id",
        lambda: identifiers.personal_id.clean("raw"),
        "personal_id",
        3.0,
    ),
    Case("phones", "phone", lambda: phones.clean("raw"), "phone", 3.0),
    Case("names", "name", lambda: names.clean("raw"), "name", 1.0),
    Case("addresses", "address", lambda: addresses.clean("raw"), "address", 0.5),
    Case("sex", "sex", _sexes, "sex"),
    *(
        Case(kind, kind, partial(getattr(identifiers, kind).clean, "raw"), kind)
        for kind in (
            "licence_number",
            "insurance_number",
            "insurance_card",
            "plate",
            "chassis",
            "tax_code",
        )
    ),
)


def _best(frame: pl.DataFrame, clean: Callable[[], pl.Expr], runs: int) -> tuple[float, float]:
    """Wall and processor seconds of the fastest run."""
    found = []
    for _ in range(runs):
        began, used = time.perf_counter(), time.process_time()
        frame.select(clean())
        found.append((time.perf_counter() - began, time.process_time() - used))
    return min(found)


def _peer_rate(peer: Peer, values: list[str]) -> float | None:
    """Values a second of an alternative; None if its library is not installed."""
    try:
        one = peer.make()
    except ImportError:
        return None
    for value in values[:200]:
        one(value)
    began = time.perf_counter()
    for value in values:
        one(value)
    return len(values) / (time.perf_counter() - began)


def _verdict(case: Case, rate: float, ratio: float | None) -> str:
    """Whether what was aimed at is met: million values a second, and times the alternative."""
    aims = []
    if case.target is not None:
        aims.append(("speed", rate >= case.target))
    if ratio is not None:
        aims.append(("ratio", ratio >= case.ratio))
    return ", ".join(f"{name} {'met' if met else 'MISSED'}" for name, met in aims) or "-"


def measure(case: Case, frame: pl.DataFrame, slice_size: int, runs: int) -> list[dict[str, str]]:
    """One row per alternative: the cleaner's speed, the alternative's, the ratio of both."""
    began = time.perf_counter()
    frame.head(1).select(case.clean())
    start = time.perf_counter() - began
    seconds, cpu = _best(frame, case.clean, runs)
    rate = frame.height / seconds
    values = frame["raw"].head(slice_size).to_list()
    rows = []
    for index, peer in enumerate(PEERS[case.peers]):
        theirs = _peer_rate(peer, values)
        ratio = None if theirs is None else rate / theirs
        aimed = ratio if peer.is_library else None
        row = {
            "cleaner": case.name,
            "values": f"{frame.height:,}",
            "distinct": f"{frame['raw'].n_unique() / frame.height:.0%}",
            "start-up s": f"{start:.2f}",
            "seconds": f"{seconds:.2f}",
            "CPU s": f"{cpu:.2f}",
            "M values/s": f"{rate / 1e6:.2f}",
            "M values/CPU-s": f"{frame.height / cpu / 1e6:.2f}",
        }
        if index > 0:
            row = dict.fromkeys(row, "")
        rows.append(
            row
            | {
                "instead": peer.name,
                "its values/s": "not installed" if theirs is None else f"{theirs:,.0f}",
                "times faster": "" if ratio is None else f"{ratio:,.0f}",
                "aims": _verdict(case, rate / 1e6, aimed) if index == 0 else "",
            }
        )
    return rows


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=1_000_000, help="values of each kind")
    parser.add_argument("--slice", type=int, default=20_000, help="values given to alternatives")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="cleaners to run: names, or their beginnings")
    parser.add_argument("--data", type=Path, default=ROOT / "out" / "benchmarks")
    given = parser.parse_args()
    folder = prepare(given.data, given.values)
    wanted = tuple(part.strip() for part in given.only.split(",") if part.strip())
    rows = []
    for case in CASES:
        if not wanted or case.name.startswith(wanted):
            rows += measure(case, load(folder, case.values), given.slice, given.runs)
    with pl.Config(
        tbl_rows=-1,
        tbl_cols=-1,
        tbl_width_chars=200,
        fmt_str_lengths=40,
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
    ):
        print(pl.DataFrame(rows))
    print(
        f"{os.cpu_count()} cores, best of {given.runs}; alternatives: rate on {given.slice:,} values, "
        "one thread"
    )


if __name__ == "__main__":
    main()
