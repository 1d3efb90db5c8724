"""Quality without labels: what a registry's links are worth, measured on records that can tell."""

from linkage.quality.blocking import blocking_recall, rule_contributions
from linkage.quality.calibration import Calibration, calibration
from linkage.quality.estimate import measured_wrong_links, registry_estimate
from linkage.quality.report import QualityReport, RegistryQuality, quality_of, quality_report
from linkage.quality.strata import bias_table, overall
from linkage.quality.trial import Trial, hidden_number_trial, labelled_trial

__all__ = [
    "Calibration",
    "QualityReport",
    "RegistryQuality",
    "Trial",
    "bias_table",
    "blocking_recall",
    "calibration",
    "hidden_number_trial",
    "labelled_trial",
    "measured_wrong_links",
    "overall",
    "quality_of",
    "quality_report",
    "registry_estimate",
    "rule_contributions",
]
