"""Real servers for tests, started from the installed binaries on free ports, stopped at the end.

Where a binary is missing the test is skipped with that reason; with CI=true that is a failure.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


def missing(what: str) -> None:
    reason = f"{what} is not installed here"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and with CI=true a skipped test is a failure")
    pytest.skip(reason)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


@contextlib.contextmanager
def running(command: list[str], port: int, **options) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    )
    try:
        wait_for_port(port, process)
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        if process.poll() is None:
            process.kill()
            process.wait()


@contextlib.contextmanager
def redis_server(directory: Path) -> Iterator[str]:
    """Yields the URL of an empty Redis."""
    binary = shutil.which("redis-server")
    if not binary:
        missing("redis-server")
    port = free_port()
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(directory)]
    with running([*command, "--save", "", "--appendonly", "no"], port):
        yield f"redis://127.0.0.1:{port}/0"


def postgres_binary(name: str) -> str:
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = str(versions[-1]) if versions else shutil.which(name)
    if not found:
        missing("PostgreSQL")
    return str(found)


@contextlib.contextmanager
def postgres_server(directory: Path) -> Iterator[str]:
    """Yields the URL of an empty database `crm` in a fresh cluster. PostgreSQL refuses root."""
    initdb, postgres = postgres_binary("initdb"), postgres_binary("postgres")
    data, port = directory / "cluster", free_port()
    data.mkdir()
    options: dict = {}
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        options = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        os.chown(data, owner.pw_uid, owner.pw_gid)
        for parent in (directory, *directory.parents):
            if parent.stat().st_uid == 0 and parent not in (Path("/"), Path("/tmp")):
                parent.chmod(parent.stat().st_mode | 0o011)
    subprocess.run(
        [initdb, "-D", str(data), "-U", "crm", "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True, stdout=subprocess.DEVNULL, cwd="/", **options,
    )  # fmt: skip
    server = [postgres, "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", "", "-F"]
    with running(server, port, cwd="/", **options):
        url = f"postgres://crm@127.0.0.1:{port}"
        wait_until_ready(f"{url}/postgres")
        import psycopg

        with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE crm")
        yield f"{url}/crm"


def wait_until_ready(url: str, seconds: float = 30) -> None:
    import psycopg

    end = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


@contextlib.contextmanager
def sftp_server(directory: Path) -> Iterator[dict[str, str]]:
    """An OpenSSH server that lets one key in; yields host, port, key and known_hosts."""
    binary = shutil.which("sshd") or "/usr/sbin/sshd"
    if not Path(binary).exists():
        missing("sshd")
    directory.chmod(0o700)
    for name in ("host_key", "key"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / name)]
        subprocess.run(command, check=True)
    (directory / "authorized_keys").write_text((directory / "key.pub").read_text())
    port = free_port()
    lines = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": directory / "host_key",
        "AuthorizedKeysFile": directory / "authorized_keys",
        "PidFile": "none",
        "PermitRootLogin": "yes",
        "PasswordAuthentication": "no",
        "UsePAM": "no",
        "StrictModes": "no",
        "Subsystem": "sftp internal-sftp",
    }
    config = directory / "sshd_config"
    config.write_text("".join(f"{name} {value}\n" for name, value in lines.items()))
    host_key = " ".join((directory / "host_key.pub").read_text().split()[:2])
    (directory / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}\n")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where a server of root locks itself in
    with running([binary, "-D", "-f", str(config)], port):
        yield {
            "host": "127.0.0.1",
            "port": str(port),
            "user": pwd.getpwuid(os.geteuid()).pw_name,
            "key": str(directory / "key"),
            "known_hosts": str(directory / "known_hosts"),
        }


@contextlib.contextmanager
def s3_server() -> Iterator[str]:
    """Yields the endpoint of an empty S3 server in this process."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextlib.contextmanager
def silent_server() -> Iterator[int]:
    """A port that takes every connection and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield int(listener.getsockname()[1])
