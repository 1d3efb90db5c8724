"""A job for Spark where Spark is not installed, or settings of Spark where it is not asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from linkage.config import load_job
from linkage.errors import ConfigError
from tests.linkage.tables import mapping


def test_without_the_extra_a_job_says_how_to_install_it() -> None:
    code = (
        "import sys; sys.modules['pyspark'] = None\n"
        "from linkage.engines.spark import SparkEngine\n"
        "from linkage.errors import ConfigError\n"
        "try:\n    SparkEngine()\n"
        "except ConfigError as error:\n    print(error)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert told.splitlines()[0] == "the engine spark is not installed"
    assert "pip install 'registry-linkage[spark]'" in told


@pytest.mark.parametrize("setting", [{"master": "yarn"}, {"options": {"a": 1}}, {"spark_from": 1}])
def test_settings_of_spark_are_refused_where_it_is_not_asked_for(
    setting: dict[str, object],
) -> None:
    with pytest.raises(ConfigError, match="the engine duckdb has no") as refused:
        load_job({**mapping("sim"), "engine": setting})
    assert "engine: name: spark" in str(refused.value)


def test_settings_of_spark_are_taken_with_it() -> None:
    engine = {"name": "spark", "options": {"spark.sql.shuffle.partitions": 2}, "spark_from": 0}
    found = load_job({**mapping("sim"), "engine": engine}).config.engine
    assert (found.options, found.spark_from) == ({"spark.sql.shuffle.partitions": 2}, 0)
