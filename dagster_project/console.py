"""What a person at a terminal sees: one line a step, with the time, and Dagster's own chatter kept down."""

from __future__ import annotations

import logging
import sys
import warnings

from dagster import BetaWarning

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

_log = logging.getLogger("claimline")


def start_logging() -> None:
    """Send `claimline.*` log lines to the terminal; everything else only from WARNING up.

    Dagster warns that parts of its automation interface are in beta; who runs the loop cannot act on that.
    """
    warnings.filterwarnings("ignore", category=BetaWarning)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%H:%M:%S"))
    _log.handlers[:] = [handler]
    _log.setLevel(logging.INFO)
    _log.propagate = False


def say(sentence: str) -> None:
    _log.info("%s", sentence)
