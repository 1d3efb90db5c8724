"""The Spark session of a job: the one that is active, or one of our own that goes with the engine."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from linkage.engines.spark.java import environment
from linkage.errors import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOCAL: Final = "local[*]"
SCRATCH: Final = "scratch"
"""Folder in the engine's own for what Spark puts aside."""
_WARN_OF: Final = ("py4j", "pyspark")
_OWN: Final = {
    "spark.ui.enabled": "false",  # a page with queries and paths is for nobody but the administrator
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.eventLog.enabled": "false",
    "spark.sql.shuffle.partitions": "64",  # the adaptive planner puts small ones together
    "spark.sql.execution.arrow.maxRecordsPerBatch": "25000",  # polars is at its best on many rows
}
"""Settings of a session of our own; a job may set others."""


@dataclass(frozen=True)
class Cluster:
    """A session at work.

    Attributes:
        spark: the session.
        is_ours: whether it was started here, and is to be stopped.
    """

    spark: SparkSession
    is_ours: bool

    @property
    def cores(self) -> int:
        """How many tasks run at once."""
        return int(self.spark.sparkContext.defaultParallelism)

    def close(self) -> None:
        """Stop a session of our own."""
        if self.is_ours:
            self.spark.stop()


def open_cluster(
    folder: Path, *, master: str | None, threads: int | None, options: Mapping[str, str]
) -> Cluster:
    """Take the active session, or start one.

    Args:
        folder: private to the engine; scratch of a session on this machine goes into it.
        master: where to run; None for this machine.
        threads: on this machine; None for all cores.
        options: Spark settings. Of an active session they are left as they are.

    Raises:
        ConfigError: Spark is not installed, or does not start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        message = "the engine spark is not installed"
        raise ConfigError(
            message,
            expected="the package pyspark",
            found=f"no module {error.name}",
            hint="pip install 'registry-linkage[spark]', or set 'engine: name: duckdb'",
        ) from error
    active = SparkSession.getActiveSession()
    if active is not None:
        return Cluster(active, is_ours=False)
    for name in _WARN_OF:  # they tell of every call
        logging.getLogger(name).setLevel(logging.ERROR)
    master = master or (LOCAL if threads is None else f"local[{threads}]")
    settings = {**_OWN, **_here(master, folder), **options}
    builder = SparkSession.builder.master(master).appName("linkage")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        with environment(folder, is_local=master.startswith("local")):
            return Cluster(builder.getOrCreate(), is_ours=True)
    except ConfigError:
        raise
    except Exception as error:
        message = "Spark does not start"
        raise ConfigError(
            message,
            expected=f"a session on {master}",
            found=type(error).__name__,
            hint="see what Java said above; 'engine: master:' and 'options:' are right, and a"
            " JAVA_HOME that is set holds Java 17 or 21?",
        ) from error


def _here(master: str, folder: Path) -> dict[str, str]:
    """Settings of a session that runs on this machine alone."""
    scratch = folder / SCRATCH
    scratch.mkdir(mode=0o700, exist_ok=True)
    own = {
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.executorEnv.POLARS_MAX_THREADS": "1",  # a task has one core
    }
    if not master.startswith("local"):
        return own
    return own | {
        "spark.local.dir": str(scratch),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.driver.extraJavaOptions": f"-Djava.io.tmpdir={scratch} -Dderby.system.home={scratch}"
        " -XX:-UsePerfData",
    }

