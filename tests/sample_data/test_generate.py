from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sample_data import generate as module
from sample_data.draws import Counter
from sample_data.profile_near import NEAR
from sample_data.rates import LIFE, REGISTRIES, Errors, Profile

ROOT = Path(__file__).resolve().parents[2]


def assert_same(left, right) -> None:
    assert_frame_equal(left.population, right.population)
    for name, records in left.records.items():
        assert_frame_equal(records, right.records[name])
        assert_frame_equal(left.truth[name], right.truth[name])


def test_the_same_seed_gives_the_same_files(make, small) -> None:
    again = make()
    for path in sorted(small.directory.rglob("*.*")):
        assert (
            path.read_bytes() == (again.directory / path.relative_to(small.directory)).read_bytes()
        )


def test_another_seed_gives_other_people(make, small) -> None:
    other = make(people=300, seed=8)
    assert not other.population["ho_ten"].head(100).equals(small.population["ho_ten"].head(100))


def test_the_committed_sample_is_what_the_generator_writes(make, committed) -> None:
    assert_same(committed, make(people=20_000, seed=20_261_001))


def test_the_committed_sample_is_small(committed) -> None:
    size = sum(path.stat().st_size for path in committed.directory.rglob("*.*"))
    assert size < 9_000_000


def test_about_two_thirds_pass_the_exact_lookup(committed) -> None:
    passed = [committed.passes(name) for name in ("driver_licence", "health_insurance", "sim")]
    assert 0.65 < pl.concat(passed).mean() < 0.70


def test_records_rarely_carry_more_than_two_mistakes_about_the_person(committed) -> None:
    about_person = pl.element().str.contains("number|digit|zeros|name|tones?_(lost|wrong)|year|day")
    harmless = pl.element().str.starts_with("address") | (pl.element() == "tone_style")
    for truth in committed.truth.values():
        count = truth["errors"].list.eval(pl.element().filter(about_person & ~harmless)).list.len()
        assert count.max() <= 2
        assert (count == 2).mean() < 0.12


def test_without_errors_every_record_of_a_citizen_passes(make) -> None:
    clean = make(people=1000, error_scale=0.0)
    for name in ("driver_licence", "health_insurance"):
        citizens = clean.truth[name]["kind"] != "foreigner"
        assert clean.passes(name).filter(citizens).all()


def test_chunks_share_no_number(make, monkeypatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 300)
    parts = make(people=1000, seed=3)
    assert parts.population["so_dinh_danh"].is_unique().all()
    assert parts.population["ma_ho"].is_not_null().all()
    assert len(parts.population) == 1000
    assert parts.records["sim"]["ma"].is_unique().all()
    for name, records in parts.records.items():
        assert (records.to_series(0) == parts.truth[name]["record_id"]).all()


def test_progress_is_told_after_each_chunk(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 150)
    told: list[tuple[int, int]] = []
    module.generate(tmp_path, 400, 1, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(150, 400), (300, 400), (400, 400)]


@pytest.mark.parametrize(("people", "scale"), [(99, 1.0), (1000, -1.0), (1000, 11.0)])
def test_numbers_out_of_range_are_refused(tmp_path, people: int, scale: float) -> None:
    with pytest.raises(ValueError, match=r"expected .* found .*"):
        module.generate(tmp_path, people, 1, error_scale=scale)


@pytest.mark.parametrize("communes", [0, 51])
def test_communes_out_of_range_are_refused(tmp_path, communes: int) -> None:
    with pytest.raises(ValueError, match="expected 1 to 50 for 1000 people, found"):
        module.generate(tmp_path, 1000, 1, communes=communes)


def test_a_registry_is_the_same_whichever_others_are_written(tmp_path, small) -> None:
    module.generate(tmp_path, 2000, 7, registries=["sim"])
    files = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.*"))
    assert files == ["population.parquet", "sims.csv", "truth/sim.parquet"]
    for file in files:
        assert (tmp_path / file).read_bytes() == (small.directory / file).read_bytes()


def test_an_unknown_registry_is_refused(tmp_path) -> None:
    with pytest.raises(ValueError, match=r"expected some of driver_licence, .* found passport"):
        module.generate(tmp_path, 2000, 7, registries=["sim", "passport"])


def test_it_runs_as_a_script(tmp_path) -> None:
    script = ROOT / "sample_data" / "generate.py"
    command = [sys.executable, str(script), str(tmp_path), "--people", "200", "--seed", "5"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "truth" / "sim.parquet").exists()


def test_it_loads_from_inside_another_package(tmp_path, monkeypatch) -> None:
    package = tmp_path / "somebody" / "_shipped"
    shutil.copytree(
        ROOT / "sample_data",
        package / "sample_data",
        ignore=shutil.ignore_patterns("*.parquet", "*.csv", "__pycache__"),
    )
    monkeypatch.syspath_prepend(tmp_path)
    shipped = importlib.import_module("somebody._shipped.sample_data.generate")
    shipped.generate(tmp_path / "out", 200, 5)
    assert (tmp_path / "out" / "sims.csv").exists()


@pytest.mark.parametrize("profile", [LIFE, NEAR], ids=lambda profile: profile.name)
def test_the_readme_states_the_rate_of_every_error(profile: Profile) -> None:
    readme = (ROOT / "sample_data" / "README.md").read_text("utf-8")
    of_life, of_near = readme.split("## Profile near")
    text = of_near if profile is NEAR else of_life
    kinds = [field.name for field in fields(Errors)]
    rates = {kind: [getattr(profile.errors[name], kind) for name in REGISTRIES] for kind in kinds}
    rows = [
        f"| `{kind}` | {' | '.join(f'{100 * share:g}' for share in shares)} |"
        for kind, shares in rates.items()
        if any(shares)
    ]
    assert [row for row in rows if row not in text] == []


def test_the_readme_names_every_header(small) -> None:
    text = (ROOT / "sample_data" / "README.md").read_text("utf-8")
    for frame in (small.population, *small.records.values(), *small.truth.values()):
        assert [name for name in frame.columns if f"| `{name}` |" not in text] == []


def test_a_counter_gives_every_number_once() -> None:
    counter = Counter(500, seed=3)
    first, second = counter.take(np.full(200, 7)), counter.take(np.full(200, 7))
    spare = counter.take(np.full(100, 7), spare=True)
    assert sorted(np.concatenate([first, second, spare]).tolist()) == list(range(500))


def test_a_counter_serves_each_prefix_in_turn() -> None:
    together = Counter(500, seed=3).take(np.array([1, 2, 1, 2]))
    alone = Counter(500, seed=3).take(np.array([1, 1]))
    assert together[[0, 2]].tolist() == alone.tolist()
