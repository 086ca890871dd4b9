"""The log file: a full disk costs its lines, never the work that wanted to write them."""

import contextlib
import logging
import sys
from logging.handlers import WatchedFileHandler


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
