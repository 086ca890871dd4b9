"""The whole product as `make run` starts it, on free ports and a data directory of its own."""

import atexit
import contextlib
import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import free_port

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass
class Product:
    data_dir: Path
    environment: dict[str, str]
    port: int = 0
    password: str = ""
    output: list[str] = field(default_factory=list)
    process: subprocess.Popen | None = None
    reader: threading.Thread | None = None
    helper: subprocess.Popen | None = None

    @property
    def outside(self) -> Path:
        """What our processes take for the temporary directory of the machine."""
        return Path(self.environment["TMPDIR"])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *command: str, check: bool = True, **options) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=300, **options,
        )  # fmt: skip
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def inside(self, code: str) -> str:
        """What the code prints when it runs with the product's settings, in a process that stays."""
        if self.helper is None:
            self.helper = subprocess.Popen(
                [sys.executable, "-m", "tests.inside"],
                env=self.environment, cwd=ROOT, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        assert self.helper.stdin
        assert self.helper.stdout
        print(json.dumps(code), file=self.helper.stdin, flush=True)
        answer = json.loads(self.helper.stdout.readline() or '{"problem": "the helper died"}')
        assert "problem" not in answer, answer["problem"]
        return str(answer["said"])

    def set_up(self) -> None:
        """As `make setup` does; what comes out the same each time is done once and copied."""
        shutil.copytree(set_up_once(), self.data_dir)
        if "DATABASE_URL" in self.environment:
            (self.data_dir / "crm.sqlite3").unlink()
            self.manage("migrate", "--verbosity", "0")

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "crm.runner"],
            env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )  # fmt: skip
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self._wait_until_it_answers()
        found = re.search(r"one-time password: (\S+)", "".join(self.output))
        self.password = found.group(1) if found else ""

    def _read(self) -> None:
        assert self.process
        assert self.process.stdout
        self.output.extend(self.process.stdout)

    def _wait_until_it_answers(self, seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process
            assert self.process.poll() is None, "".join(self.output)
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"{self.url}/login/", timeout=2),
            ):
                return
            time.sleep(0.2)
        raise TimeoutError("".join(self.output))

    def close(self) -> None:
        if self.process:
            self.stop()
        if self.helper:
            with self.helper:  # closes its pipes
                self.helper.kill()

    def stop(self) -> int:
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        assert self.reader
        self.reader.join(10)
        assert self.process.stdout
        self.process.stdout.close()
        return self.process.returncode


def own_environment(directory: Path, **environment: str) -> dict[str, str]:
    """Nothing of the settings of whoever runs the tests."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("CRM_", "DJANGO_"))}
    for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
        clean.pop(name, None)
    return clean | {
        "CRM_ENV_FILE": os.devnull,
        "CRM_DATA_DIR": str(directory / "var"),
        "CRM_SECRET_KEY": os.urandom(40).hex(),
        "TMPDIR": str(directory / "temporary"),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    } | environment  # fmt: skip


@functools.cache
def set_up_once() -> Path:
    """A data directory with key ring, migrated database and static files, for products to copy."""
    directory = Path(tempfile.mkdtemp(prefix="crm-product-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    (directory / "temporary").mkdir()
    made = Product(data_dir=directory / "var", environment=own_environment(directory))
    made.manage("create_key_ring")
    made.manage("migrate", "--verbosity", "0")
    made.manage("collectstatic", "--noinput", "--verbosity", "0")
    return made.data_dir


@contextlib.contextmanager
def product(directory: Path, **environment: str) -> Iterator[Product]:
    """A product that is set up but not started; stopped at the end if it was."""
    port = free_port()
    (directory / "temporary").mkdir()
    made = Product(
        data_dir=directory / "var",
        port=port,
        environment=own_environment(directory, CRM_PORT=str(port), **environment),
    )
    made.set_up()
    try:
        yield made
    finally:
        made.close()
