"""Getting started: sample data to try, configurations to edit; no file of the user's is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from linkage.errors import ConfigError
from linkage.resources import load_sample_generator, shipped

_COPIED = (".yaml", ".json", ".md")


def make_sample(
    folder: Path,
    people: int,
    seed: int,
    *,
    error_scale: float = 1.0,
    communes: int | None = None,
    profile: str = "life",
    registries: Iterable[str] | None = None,
    force: bool = False,
    progress: Callable[[int, str], None] = lambda done, label: None,
) -> None:
    """Write a synthetic population, four registries, and the truth about them.

    Args:
        folder: new or empty.
        people: number of people in the population, at least 100.
        seed: the same seed makes the same files.
        error_scale: multiplies every error rate; 1 is as in life.
        communes: communes over which the people are spread; None spreads few people thinner
            than the 10,000 a commune of life.
        profile: ``life``, or ``near`` or ``far``: other errors and other people, see
            sample_data/README.md.
        registries: which registries to write; all four by default.
        force: write into a folder that is not empty; files of the same names are replaced.
        progress: told the number of people done.

    Raises:
        ConfigError: the folder is not empty, an argument is out of range, or the generator does
            not ship.
    """
    found = "a file" if folder.is_file() else None
    if folder.is_dir() and not force:
        count = sum(1 for _ in folder.iterdir())
        found = f"{count} files or folders in it" if count else None
    if found:
        message = f"the sample cannot be made in {folder}"
        hint = "name another folder, or use --force to replace files of the same names"
        raise ConfigError(message, expected="a new or empty folder", found=found, hint=hint)
    try:
        load_sample_generator()(
            folder,
            people,
            seed,
            error_scale=error_scale,
            communes=communes,
            profile=profile,
            registries=registries,
            on_progress=lambda done, total: progress(done, "making people and their records"),
        )
    except ValueError as error:  # of an argument; it says what was expected and found
        raise ConfigError(str(error)) from error


def copy_configs(folder: Path, *, force: bool = False) -> list[Path]:
    """Copy the shipped declarations, models and jobs, to edit them.

    Args:
        folder: where the copies go; made if it does not exist.
        force: replace files of the same names.

    Returns:
        The copies.

    Raises:
        ConfigError: a file of the same name exists; nothing was copied.
    """
    source = shipped("configs")
    files = sorted(
        path.relative_to(source)
        for path in source.rglob("*")
        if path.is_file() and path.suffix in _COPIED
    )
    existing = [file for file in files if (folder / file).exists()]
    if existing and not force:
        message = f"{folder} holds files that would be overwritten"
        found = ", ".join(str(file) for file in existing[:5]) + (" …" if existing[5:] else "")
        hint = "choose another folder, or use --force to replace them"
        raise ConfigError(message, expected="no files of these names", found=found, hint=hint)
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file, folder / file)
    return [folder / file for file in files]
