"""The log: a full disk costs its lines, never the work that wanted to write them, and no line
holds the secret of a calendar link."""

import contextlib
import logging
import re
import sys
from logging.handlers import WatchedFileHandler

# Whatever follows, as typed, cut off or with a slash too many: it may be most of a secret.
CALENDAR_LINK = re.compile(r"(/calendar/)[^\s?#'\"]+")


def without_secrets(text: str) -> str:
    return CALENDAR_LINK.sub(r"\1…", text)


class Line(logging.Formatter):
    """The last step before a line is written, so that nothing passes by: message, arguments,
    traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class WithoutSecrets(logging.Filter):
    """The same for a logger whose handlers are not ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = without_secrets(record.getMessage()), ()
        return True


class LogFile(WatchedFileHandler):
    """One file for several processes; the system's logrotate may move it away.

    Python's own raises into the caller when the disk is full, and prints the record with all its
    arguments and the messages of exceptions, which may quote a customer.
    """

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        reason = getattr(error, "strerror", None) or type(error).__name__
        with contextlib.suppress(OSError):
            sys.stderr.write(f"A line of {self.baseFilename} is lost: {reason}\n")
        # What could not be written must not be tried again with every line that follows.
        stream, self.stream = self.stream, None
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
