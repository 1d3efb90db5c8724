"""One contender at work in a process of its own; writes its decisions, one file per registry."""

from __future__ import annotations

import argparse
import importlib
import json
from pathlib import Path

from benchmarks.side_by_side import data


def main() -> None:
    """``python -m benchmarks.side_by_side.child CONTENDER DATA OUT``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contender", help="a module of this package with run(folder, registry)")
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--error-scale", type=float, default=1.0)
    given = parser.parse_args()
    module = importlib.import_module(f"benchmarks.side_by_side.{given.contender}")
    given.out.mkdir(parents=True, exist_ok=True)
    facts = {}
    for registry in data.REGISTRIES:
        options = {"error_scale": given.error_scale} if given.contender == "oracle" else {}
        decided = module.run(given.data, registry, **options)
        decided.table().write_parquet(given.out / f"{registry}.parquet")
        facts[registry] = {"seconds": decided.seconds, "note": decided.note}
    (given.out / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    main()
