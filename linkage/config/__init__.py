"""Jobs and registry declarations: read from YAML, checked as a whole, frozen."""

from linkage.config.check import SourcePeek, check
from linkage.config.load import Job, load_job
from linkage.config.models import (
    EngineConfig,
    FieldDeclaration,
    JobConfig,
    LinkDeclaration,
    OutputConfig,
    PopulationConfig,
    PopulationDeclaration,
    RegistryDeclaration,
    RegistryJob,
    SourceConfig,
    Thresholds,
)
from linkage.config.schema import json_schema

__all__ = [
    "EngineConfig",
    "FieldDeclaration",
    "Job",
    "JobConfig",
    "LinkDeclaration",
    "OutputConfig",
    "PopulationConfig",
    "PopulationDeclaration",
    "RegistryDeclaration",
    "RegistryJob",
    "SourceConfig",
    "SourcePeek",
    "Thresholds",
    "check",
    "json_schema",
    "load_job",
]
