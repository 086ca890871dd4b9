"""The whole product as `make run` starts it, on free ports and a data directory of its own."""

import contextlib
import os
import re
import signal
import subprocess
import sys
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

    def set_up(self) -> None:
        self.manage("create_key_ring")
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--noinput", "--verbosity", "0")

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


@contextlib.contextmanager
def product(directory: Path, **environment: str) -> Iterator[Product]:
    """A product that is set up but not started; stopped at the end if it was."""
    port = free_port()
    (directory / "temporary").mkdir()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("CRM_", "DJANGO_"))}
    for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
        clean.pop(name, None)
    made = Product(
        data_dir=directory / "var",
        port=port,
        environment=clean | {
            "CRM_ENV_FILE": os.devnull,
            "CRM_DATA_DIR": str(directory / "var"),
            "CRM_SECRET_KEY": os.urandom(40).hex(),
            "CRM_PORT": str(port),
            "TMPDIR": str(directory / "temporary"),
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        } | environment,
    )  # fmt: skip
    made.set_up()
    try:
        yield made
    finally:
        if made.process:
            made.stop()
