"""Match agency registries against a population register and make cleanup lists.

Example:
    A job file in, lists out, in a notebook cell::

        import linkage

        result = linkage.run("configs/sample.yaml")
        result["sim"].junk_sims
        result["sim"].explain("S0000123")
"""

from linkage.config import load_job
from linkage.errors import ConfigError, ContractError, LinkageError, SourceError
from linkage.evaluate import evaluate
from linkage.result import RegistryResult, RunResult, open_run
from linkage.run import run

__all__ = [
    "ConfigError",
    "ContractError",
    "LinkageError",
    "RegistryResult",
    "RunResult",
    "SourceError",
    "evaluate",
    "load_job",
    "open_run",
    "run",
]
