"""What cannot be logged costs a line of the log and nothing else."""

import logging
from pathlib import Path

import pytest

from crm.logs import LogFile

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="/dev/full is not there: it is Linux's")
def test_a_full_disk_neither_stops_the_work_nor_prints_what_it_was_about(capsys):
    handler = LogFile(str(FULL), encoding="utf-8", delay=True)
    record = logging.makeLogRecord({"msg": "anna@example.com"})
    for _twice in range(2):
        handler.handle(record)
    handler.close()
    said = capsys.readouterr().err
    assert said.splitlines() == ["A line of /dev/full is lost: No space left on device"] * 2


def test_lines_are_written_again_once_there_is_room(tmp_path, capsys):
    handler = LogFile(str(tmp_path / "gone" / "crm.log"), encoding="utf-8", delay=True)
    record = logging.makeLogRecord({"msg": "a line"})
    handler.handle(record)
    (tmp_path / "gone").mkdir()
    handler.handle(record)
    handler.close()
    assert "is lost" in capsys.readouterr().err
    assert (tmp_path / "gone" / "crm.log").read_text() == "a line\n"
