"""Quality without labels: what a registry's links are worth, measured on records that can tell.

* :mod:`linkage.quality.trial`: records whose holder is known, linked again without their number
* :mod:`linkage.quality.strata`: precision, recall and review by kind of person
* :mod:`linkage.quality.blocking`: what no blocking rule proposes
* :mod:`linkage.quality.calibration`: probabilities against the truth
* :mod:`linkage.quality.estimate`: what a trial says of the whole registry
* :mod:`linkage.quality.report`: all of it, for a job
"""
