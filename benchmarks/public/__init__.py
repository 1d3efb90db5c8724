"""Public labelled sets, each a job of its own: our general machinery beside plain Splink's figures."""
