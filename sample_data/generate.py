"""Write a synthetic population and four registries: ``python generate.py DIR --people N --seed S``.

The same seed gives the same files. People are made in chunks, so memory does not grow with N.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

if not __package__:  # run as a script, or loaded from a file: find the package by its folder
    _here = Path(__file__).resolve().parent
    sys.path[:] = [str(_here.parent), *(p for p in sys.path if Path(p or ".").resolve() != _here)]
    __package__ = _here.name
    importlib.import_module(__package__)

from . import insurance, licences, sims, vehicles
from . import people as population
from .files import Files
from .layouts import LAYOUTS
from .profiles import PROFILES
from .truth import Registry
from .world import World, world

CHUNK = 50_000
SEED = 20_261_001
#: Each draws random numbers and keys of its own: what one writes does not hang on the others.
MAKERS: Final = {
    "driver_licence": licences.records,
    "health_insurance": insurance.records,
    "vehicle": vehicles.records,
    "sim": sims.records,
}


def generate(
    directory: Path,
    people: int,
    seed: int,
    *,
    error_scale: float = 1.0,
    communes: int | None = None,
    profile: str = "life",
    registries: Iterable[str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write population, registries and truth below ``directory``.

    Args:
        directory: Made if missing; files of an earlier run are replaced.
        people: People in the population register, at least 100.
        seed: The same seed and number of people give the same files.
        error_scale: Multiplies every error rate; 0 writes what the register says.
        communes: Old communes (before July 2025) over which the people are spread; as in life,
            where some 10,000 live in each, it is ``people // 10_000``. None: thinner below
            500,000 people.
        profile: ``life``, or ``near`` or ``far``: other errors and other people, see README.md.
        registries: Which registries to write; all four by default. A registry's files are the same
            whichever others are written.
        on_progress: Called after each chunk with people done and people in all.

    Raises:
        ValueError: If ``people``, ``error_scale`` or ``communes`` is out of range, or the
            ``profile`` or a registry is unknown.
    """
    _check(people, error_scale, communes)
    _check_profile(profile)
    makers = _makers(registries)
    rates = PROFILES[profile]
    layout = LAYOUTS[rates.layout]
    state = world(people, seed, error_scale, communes=communes, profile=rates)
    with Files(directory, layout) as files:
        for index, start in enumerate(range(0, people, CHUNK)):
            size = min(CHUNK, people - start)
            part = population.chunk(state, index, size)
            files.population(population.register(state, part))
            for name, records in makers.items():
                files.registry(name, records(state, part))
            if on_progress is not None:
                on_progress(start + size, people)
    if layout.name != "usual":
        written = {name: layout.tables[name] for name in ("population", *makers)}
        layout = replace(layout, tables=written)
        (directory / "job.yaml").write_text(layout.job(""), encoding="utf-8")


def _check_profile(profile: str) -> None:
    if profile not in PROFILES:
        known = ", ".join(PROFILES)
        message = f"profile: expected one of {known}, found {profile!r}; life is the default"
        raise ValueError(message)


def _makers(
    names: Iterable[str] | None,
) -> dict[str, Callable[[World, population.Chunk], Registry]]:
    """The registries wanted, in the order in which they are always made."""
    wanted = set(MAKERS if names is None else names)
    if unknown := sorted(wanted - set(MAKERS)):
        message = f"registries: expected some of {', '.join(MAKERS)}, found {', '.join(unknown)}"
        raise ValueError(message)
    return {name: records for name, records in MAKERS.items() if name in wanted}


def _check(people: int, error_scale: float, communes: int | None) -> None:
    if people < 100:
        message = f"people: expected at least 100, found {people}; try 2000 for a quick test"
        raise ValueError(message)
    if not 0 <= error_scale <= 10:
        message = f"error_scale: expected 0 to 10, found {error_scale}; 1 is as in life"
        raise ValueError(message)
    most = min(5000, people // 20)
    if communes is not None and not 1 <= communes <= most:
        hint = f"{max(1, people // 10_000)} is as dense as life"
        message = f"communes: expected 1 to {most} for {people} people, found {communes}; {hint}"
        raise ValueError(message)


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and generate; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, help="where the files go")
    parser.add_argument("--people", type=int, default=20_000, help="people in the population")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--error-scale", type=float, default=1.0, help="multiplies error rates")
    parser.add_argument(
        "--communes", type=int, help="communes lived in; people/10000 is as dense as life"
    )
    parser.add_argument("--profile", choices=list(PROFILES), default="life")
    parser.add_argument("--registries", nargs="+", choices=list(MAKERS), help="all by default")
    given = parser.parse_args(arguments)
    try:
        generate(
            given.directory,
            given.people,
            given.seed,
            error_scale=given.error_scale,
            communes=given.communes,
            profile=given.profile,
            registries=given.registries,
            on_progress=_report if sys.stderr.isatty() else None,
        )
    except ValueError as error:
        parser.error(str(error))
    return 0


def _report(done: int, total: int) -> None:
    print(f"\r{done:,} of {total:,} people", end="" if done < total else "\n", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
