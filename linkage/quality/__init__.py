"""Quality without labels: what a registry's links are worth, measured on records that can tell."""

from linkage.quality.trial import Trial, hidden_number_trial, labelled_trial

__all__ = ["Trial", "hidden_number_trial", "labelled_trial"]
