"""How long a single record takes: ``python -m benchmarks.verify CONFIG REGISTRY [--records N]``.

Opens a :class:`linkage.Verifier` and asks it for records of the registry, spread evenly over the
source; the first twenty are not counted. Prints seconds to open, and of the answers the median and
the 95th percentile in milliseconds: by the clock, and of the processor, which others at work do not
lengthen by waiting; then of the same records asked at once (``verify_many``), for each of them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from linkage import Verifier
from linkage.config import load_job
from linkage.session import Session

T = TypeVar("T")
_WARM: Final = 20


def _timed(work: Callable[[], T]) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def _line(name: str, seconds: Sequence[float]) -> str:
    median, last = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
    return f"| {name} | {1000 * median:.1f} | {1000 * last:.1f} |"


def measure(config: Path, registry: str, records: int) -> str:
    """Time the answers for some records; a table in Markdown.

    Args:
        config: a job file.
        registry: one of its registries.
        records: how many are asked for, beside the first twenty.
    """
    job = load_job(config)
    verifier = Verifier(job, registry)
    rows = Session(job).read(registry).rows
    opened, _ = _timed(verifier.__enter__)
    try:
        known = [name for name in rows.columns if name in verifier.fields]
        spread = rows.gather_every(max(rows.height // (records + _WARM), 1)).select(known)
        asked = spread.to_dicts()[: records + _WARM]
        times = [_timed(lambda r=record: verifier.verify(r)) for record in asked]
        clock, processor = (
            1000 * s / len(asked) for s in _timed(lambda: verifier.verify_many(asked))
        )
    finally:
        verifier.__exit__(None, None, None)
    counted = times[_WARM:]
    return "\n".join(
        [
            f"{registry}: opened in {opened:.1f} s, {len(counted)} records",
            "",
            "| milliseconds | median | 95th percentile |",
            "|---|---|---|",
            _line("by the clock", [clock for clock, _ in counted]),
            _line("of the processor", [processor for _, processor in counted]),
            "",
            f"{len(asked)} at once: {clock:.1f} ms each by the clock, {processor:.1f} of the processor",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verify", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("registry")
    parser.add_argument("--records", type=int, default=300)
    given = parser.parse_args(arguments)
    print(measure(given.config, given.registry, given.records))


if __name__ == "__main__":
    main()
