"""`make run` keeps its processes running, and leaves none behind however it ends."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from crm import runner, supervise
from crm.supervise import Supervisor

ME = os.getpid()


def python(code, *arguments):
    return [sys.executable, "-c", code, *map(str, arguments)]


def wait_for(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


@pytest.fixture
def fast(monkeypatch):
    monkeypatch.setattr(supervise, "SHORTEST_PAUSE", 0.05)
    monkeypatch.setattr(supervise, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(supervise, "GRACE", 0.3)


def test_a_killed_process_is_started_again(fast, tmp_path, capsys):
    dies_twice = python(
        "import os, sys, pathlib; p = pathlib.Path(sys.argv[1]);"
        "n = len(p.read_text()) if p.exists() else 0; p.write_text('x' * (n + 1));"
        "n < 2 and os.kill(os.getpid(), 9)",
        tmp_path / "starts",
    )
    assert Supervisor(ME, dies_twice).keep_running() == 0
    assert (tmp_path / "starts").read_text() == "xxx"
    assert capsys.readouterr().out.count("died with code -9") == 2


@pytest.mark.parametrize("code", [2, 3, 127])
def test_a_refusal_to_start_is_final(fast, code):
    assert Supervisor(ME, python(f"raise SystemExit({code})")).keep_running() == code


def test_a_process_that_will_not_end_is_killed_with_its_children(fast, tmp_path):
    stubborn = python(
        "import signal, subprocess, sys, pathlib, time;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "pathlib.Path(sys.argv[1]).write_text(str(child.pid)); time.sleep(60)",
        tmp_path / "pid",
    )
    supervisor = Supervisor(ME, stubborn)
    running = threading.Thread(target=supervisor.keep_running)
    running.start()
    wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    supervisor.stopping.set()
    running.join(10)
    assert not running.is_alive()
    child = int((tmp_path / "pid").read_text())
    wait_for(lambda: not lives(child))


def lives(process):
    with contextlib.suppress(OSError), open(f"/proc/{process}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def test_what_make_run_started_ends_with_it_even_when_that_was_killed(tmp_path):
    lock = tmp_path / "lock"
    lock.touch()
    killed = subprocess.Popen(python("import time; time.sleep(60)"))
    command = python(
        "import os, sys, pathlib, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid()));"
        "time.sleep(60)",
        tmp_path / "pid",
    )
    process = subprocess.Popen(
        [sys.executable, supervise.__file__, str(killed.pid), str(lock), *command]
    )
    wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    assert supervisors_live(lock), "the next `make run` waits for them"
    killed.kill()
    killed.wait()
    assert process.wait(10) == 0
    assert not lives(int((tmp_path / "pid").read_text()))
    assert not supervisors_live(lock)


def supervisors_live(lock):
    with lock.open("a+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, supervise.SUPERVISORS)
        except OSError:
            return True
    return False


def test_a_supervisor_that_is_told_to_stop_tells_its_process(tmp_path):
    (tmp_path / "lock").touch()
    command = python(
        "import os, sys, pathlib, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)",
        tmp_path / "started",
    )
    process = subprocess.Popen(
        [sys.executable, supervise.__file__, str(ME), str(tmp_path / "lock"), *command]
    )
    wait_for((tmp_path / "started").exists)
    process.send_signal(signal.SIGTERM)
    assert process.wait(3) == 0


def test_the_broker_is_stopped_after_those_who_need_it(tmp_path):
    lock, ended = tmp_path / "lock", tmp_path / "ended"
    lock.touch()
    says_goodbye = (
        "import os, signal, sys, pathlib, time; said = pathlib.Path(sys.argv[1]);"
        "signal.signal(signal.SIGTERM, lambda *of: (time.sleep(float(sys.argv[3])),"
        "said.open('a').write(sys.argv[2] + ' '), os._exit(0)));"
        "pathlib.Path(sys.argv[1] + sys.argv[2]).touch(); time.sleep(60)"
    )
    running = [
        subprocess.Popen(
            [sys.executable, supervise.__file__, *last, str(ME), str(lock),
             *python(says_goodbye, ended, name, pause)]
        )
        for name, pause, last in (("broker", 0, ["--last"]), ("worker", 1, []))
    ]  # fmt: skip
    wait_for(lambda: all((tmp_path / f"ended{name}").exists() for name in ("broker", "worker")))
    for process in running:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(10) for process in running] == [0, 0]
    assert ended.read_text() == "worker broker "


def test_the_broker_does_not_wait_for_ever(fast, monkeypatch, tmp_path):
    supervisor = Supervisor(ME, python("import time; time.sleep(60)"))
    supervisor.others = lambda: True
    running = threading.Thread(target=supervisor.keep_running)
    running.start()
    supervisor.stopping.set()
    running.join(5)
    assert not running.is_alive()


def test_two_runs_never_share_a_data_directory(settings, tmp_path, capsys):
    settings.DATA_DIR = tmp_path
    (tmp_path / "broker").mkdir()
    holder = subprocess.Popen(
        python(
            "import fcntl, sys; f = open(sys.argv[1], 'a+b'); fcntl.lockf(f, fcntl.LOCK_EX, 1, 0);"
            "print('held', flush=True); sys.stdin.read()",
            tmp_path / "broker" / "running.lock",
        ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        holder.stdout.readline()
        with pytest.raises(SystemExit) as refusal:
            runner.take_data_directory()
        holder.stdin.close()
    assert refusal.value.code == 2
    assert "CRM_DATA_DIR" in capsys.readouterr().err
    runner.take_data_directory().close()


def test_a_taken_port_is_refused_with_a_hint(capsys):
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(SystemExit) as refusal:
        runner.refuse_taken_port("127.0.0.1", other.getsockname()[1])
    assert refusal.value.code == 2
    assert "CRM_PORT=8001 make run" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["abc", "", "-1", "0", "65536", "8000.5"])
def test_a_port_that_is_none_is_refused(monkeypatch, capsys, port):
    monkeypatch.setenv("CRM_PORT", port)
    with pytest.raises(SystemExit) as refusal:
        runner.port_number()
    assert refusal.value.code == 2
    assert "1 to 65535" in capsys.readouterr().err


def test_a_path_too_long_for_a_socket_is_not_called_a_missing_server(monkeypatch):
    monkeypatch.setattr(runner.shutil, "which", lambda name: "/usr/bin/redis-server")
    assert "path is too long" in runner.why_no_redis()
    monkeypatch.setattr(runner.shutil, "which", lambda name: None)
    assert "installed here" in runner.why_no_redis()
