"""Prophet and CmdStan without their log lines and the warnings of their own internals."""

import logging
import warnings


def silence_prophet() -> None:
    """Call before Prophet is imported or run: it then says nothing, and what goes wrong is raised.

    Only narrow settings that may be repeated, because worker threads share them: the loggers that Prophet and CmdStan own,
    and a filter for warnings raised in their modules (`warnings.catch_warnings` is not safe between threads).
    """
    for name in ("prophet", "prophet.plot", "prophet.models", "cmdstanpy"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
        logger.setLevel(logging.CRITICAL)
        logger.propagate = False
    for category in (DeprecationWarning, FutureWarning):
        warnings.filterwarnings("ignore", category=category, module=r"(prophet|cmdstanpy)\b")
