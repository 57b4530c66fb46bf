"""Logs: one line an event, for people or for machines; the libraries' own lines go the same way."""

import logging
import sys
from typing import Any, Literal

import structlog

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str, form: Literal["json", "console"]) -> None:
    """Send every line to standard error, in one form; called once a process, again changes level and form."""
    machine = form == "json"
    renderer: Any = structlog.processors.JSONRenderer() if machine else _for_people()
    # A traceback is a field for machines; for people the renderer draws it below the line.
    tracebacks: list[Any] = [structlog.processors.format_exc_info] if machine else []
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name("laurel")
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *tracebacks, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [*(one for one in root.handlers if one.get_name() != "laurel"), handler]
    root.setLevel(level)
    for noisy in ("huey", "alembic", "httpx"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def _for_people() -> Any:
    # Plain tracebacks: those with local variables would print passwords and names.
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
