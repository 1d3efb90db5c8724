"""Repair of damaged text: what comes back by kind, what is changed wrongly, and how fast.

    python -m benchmarks.legacy
    python -m benchmarks.legacy --names population.parquet --column ho_ten --count 20000

Without ``--names`` the names are made of the sample generator's tables; with it, names of a file
are used that consist of Vietnamese words. Nobody tells the cleaner which kind it gets.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from cleaners import encodings, legacy, text
from tests.cleaners import damage

ROOT = Path(__file__).parents[1]


def vietnamese(path: Path, column: str, count: int) -> list[str]:
    """Distinct names of a file that consist of Vietnamese words, evenly spread."""
    names = pl.read_parquet(path, columns=[column])[column].drop_nulls().unique(maintain_order=True)
    words = names.alias("n").to_frame().with_row_index("i")
    words = words.with_columns(w=pl.col("n").str.split(" ")).explode("w", empty_as_null=False)
    words = words.with_columns(legacy.is_syllable("w"))
    proper = words.group_by("i", "n", maintain_order=True).agg(pl.col("w").all())
    kept = proper.filter("w")["n"]
    return kept.gather_every(max(1, kept.len() // count)).head(count).to_list()


def round_trips(names: list[str]) -> pl.DataFrame:
    """Damage the names in every way and repair them."""
    rows = []
    for kind, spoilt in damage.DAMAGES.items():
        meant = [name.upper() if "capitals" in kind else name for name in names]
        frame = pl.DataFrame({"seen": [spoilt(name) for name in names], "meant": meant})
        began = time.perf_counter()
        frame = frame.with_columns(legacy.clean("seen").alias("c")).unnest("c")
        seconds = time.perf_counter() - began
        back = frame.select(ok=text.tone_normal("value") == text.tone_normal("meant"))["ok"]
        converted = frame["issues"].list.contains("legacy_encoding")
        rows.append(
            {
                "kind": kind,
                "back_%": round(100 * back.mean(), 3),
                "same_letters_%": round(100 * (frame["value"] == frame["meant"]).mean(), 3),
                "wrongly_converted": int((~back & converted).sum()),
                "left_as_it_was": int((~back & ~converted).sum()),
                "values_per_s": round(len(names) / seconds),
            }
        )
    return pl.DataFrame(rows)


def clean_texts(names: list[str]) -> dict[str, pl.Series]:
    """Columns in which nothing is to be repaired."""
    population = pl.read_parquet(ROOT / "sample_data" / "population.parquet")
    given = pl.Series(names)
    folded = given.alias("n").to_frame().select(text.fold("n")).to_series()
    return {
        "names": given,
        "names, capitals": given.str.to_uppercase(),
        "names without marks": folded.str.to_titlecase(),
        "all names of the sample": population["ho_ten"],
        "addresses of the sample": population["noi_thuong_tru"],
        "every syllable": pl.Series(damage.every_syllable()),
    }


def false_repairs(names: list[str]) -> pl.DataFrame:
    """Count what clean text suffers."""
    rows = []
    for kind, values in clean_texts(names).items():
        frame = values.drop_nulls().unique().alias("v").to_frame()
        frame = frame.with_columns(legacy.clean("v").alias("c")).unnest("c")
        changed = int((frame["v"] != frame["value"]).sum())
        marked = int((frame["issues"].list.len() > 0).sum())
        rows.append(
            {"kind": kind, "values": frame.height, "changed": changed, "marked": marked - changed}
        )
    return pl.DataFrame(rows)


def timed(run: Callable[[], object]) -> tuple[float, float]:
    """The better of two runs: wall and CPU seconds."""
    best = (float("inf"), float("inf"))
    for _ in range(2):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        best = min(best, (time.perf_counter() - wall, time.process_time() - cpu))
    return best


def speeds(names: list[str]) -> pl.DataFrame:
    """A million clean values; as many with one per cent damaged; decoding of whole files."""
    million = pl.Series("v", names).sample(1_000_000, with_replacement=True, seed=1)
    spoilt = pl.Series("v", [damage.DAMAGES["tcvn3"](name) for name in names])
    bad = spoilt.sample(10_000, with_replacement=True, seed=1)
    mixed = pl.concat([million.head(990_000), bad]).shuffle(seed=1).rechunk()
    runs: dict[str, tuple[pl.Series, Callable[[], object]]] = {
        "repaired, clean": (million, lambda: million.to_frame().select(legacy.repaired("v"))),
        "repaired, 1% damaged": (mixed, lambda: mixed.to_frame().select(legacy.repaired("v"))),
        "clean, clean": (million, lambda: million.to_frame().select(legacy.clean("v"))),
        "repaired, all damaged": (spoilt, lambda: spoilt.to_frame().select(legacy.repaired("v"))),
    }
    rows = []
    for name, (values, run) in runs.items():
        wall, cpu = timed(run)
        speed = round(values.len() / wall)
        rows.append({"what": name, "values": values.len(), "cpu_s": cpu, "values_per_s": speed})
    for encoding in ("tcvn3", "vni", "viscii"):
        data = encodings.encode("\n".join(names * (400_000 // len(names) + 1)), encoding)
        wall, cpu = timed(lambda data=data, encoding=encoding: encodings.decode(data, encoding))
        megabytes = len(data) / 1e6
        rows.append({"what": f"decode {encoding}", "cpu_s": cpu, "MB_per_s": megabytes / wall})
    return pl.DataFrame(rows, infer_schema_length=None)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=Path, help="a Parquet file with names")
    parser.add_argument("--column", default="ho_ten")
    parser.add_argument("--count", type=int, default=6_000)
    given = parser.parse_args()
    from_file = given.names is not None
    names = vietnamese(given.names, given.column, given.count) if from_file else None
    names = names or damage.names(given.count)
    with pl.Config(tbl_rows=-1, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
        print(f"{len(names):,} names: do they come back?")
        print(round_trips(names))
        print("random syllables for names: do they come back?")
        print(round_trips(damage.every_syllable()))
        print("clean text: what is changed, what is marked as suspicious?")
        print(false_repairs(names))
        print(speeds(names))


if __name__ == "__main__":
    main()
