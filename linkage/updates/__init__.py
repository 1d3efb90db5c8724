"""Updates: new, changed and vanished records alone are linked, the rest is taken from the run before.

A run whose job says ``output: {state: FOLDER}`` keeps its tables and what it has learnt (:mod:`.keep`,
:mod:`.state`). An update reads the sources, tells by the hash of each row what is different
(:mod:`.rows`), cleans and links that with the weights of the run (:mod:`.frozen`), and puts it in place
of the rows that it replaces (:mod:`.merge`); decisions and lists are made by the steps of a run
(:mod:`.updating`).
"""
