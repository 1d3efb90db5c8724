"""The Spark session of a job: the one that is active, or one of our own that goes with the engine."""

from __future__ import annotations

import logging
import shutil
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
_JAVA_OPTIONS: Final = "spark.driver.extraJavaOptions"
_OWN: Final = {
    "spark.ui.enabled": "false",  # a page with queries and paths is for nobody but the administrator
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.eventLog.enabled": "false",
    "spark.sql.shuffle.partitions": "64",  # the adaptive planner puts small ones together
    "spark.sql.execution.arrow.maxRecordsPerBatch": "25000",  # polars is at its best on many rows
    # Else Spark measures the batch after each row that it adds, which with lists in a row takes time
    # that grows with the square of the rows. The largest integer is its word for no limit.
    "spark.sql.execution.arrow.maxBytesPerBatch": "2147483647",
}
"""Settings of a session of our own; a job may set others."""
_LOGGING: Final = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex{0}
rootLogger.level = error
rootLogger.appenderRef.console.ref = console
"""
"""What Spark says on this machine: errors alone."""


@dataclass(frozen=True)
class Cluster:
    """A session at work.

    Attributes:
        spark: the session.
        is_ours: whether it was started here, and is to be stopped.
        is_java_ours: whether Java was started with it, and ends with it.
    """

    spark: SparkSession
    is_ours: bool
    is_java_ours: bool = False

    @property
    def cores(self) -> int:
        """How many tasks run at once."""
        return int(self.spark.sparkContext.defaultParallelism)

    @property
    def is_local(self) -> bool:
        """Whether tasks run in this machine's own processes."""
        return str(self.spark.sparkContext.master).startswith("local")

    def close(self) -> None:
        """Stop a session of our own, and the Java behind it: its scratch folder goes."""
        if not self.is_ours:
            return
        self.spark.stop()
        if self.is_java_ours:
            _end_java()


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
        from pyspark import SparkContext
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
    settings = {**_OWN, **_here(master, folder)}
    for name, value in options.items():
        also = settings.get(name, "") if name == _JAVA_OPTIONS else ""
        settings[name] = f"{also} {value}".strip()
    builder = SparkSession.builder.master(master).appName("linkage")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        with environment(folder, is_local=master.startswith("local")):
            is_java_new = SparkContext._gateway is None
            return Cluster(builder.getOrCreate(), is_ours=True, is_java_ours=is_java_new)
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


def _end_java() -> None:
    """End the process that Spark ran in; pyspark itself leaves it until Python ends."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is None:
        return
    SparkContext._gateway = SparkContext._jvm = None
    gateway.shutdown()
    process = gateway.proc
    process.stdin.close()  # it ends with its input
    process.wait(timeout=60)


def _here(master: str, folder: Path) -> dict[str, str]:
    """Settings of a session that runs on this machine alone."""
    scratch = folder / SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)  # of a run that was killed
    scratch.mkdir(mode=0o700)
    own = {
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.executorEnv.POLARS_MAX_THREADS": "1",  # a task has one core
    }
    if not master.startswith("local"):
        return own
    logging_file = scratch / "log4j2.properties"
    logging_file.write_text(_LOGGING, encoding="utf-8")
    return own | {
        "spark.local.dir": str(scratch),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "2g",
        _JAVA_OPTIONS: f"-Djava.io.tmpdir={scratch} -Dderby.system.home={scratch}"
        f" -XX:-UsePerfData -Dlog4j2.configurationFile=file:{logging_file}",
    }
