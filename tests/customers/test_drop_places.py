"""Drop places elsewhere: a real SFTP server, an S3 server, and ones that stall."""

import time
from datetime import timedelta
from urllib.parse import urlencode

import boto3
import paramiko
import pytest
from django.core.files.storage import storages

from customers.drops import addresses, looking, places
from customers.drops.addresses import storages_from
from customers.models import Customer, DroppedFile, Source
from jobs.models import State
from jobs.services import run_job
from staff.services import system_user
from tests.customers.importing import ANNA, KLAUS, write_csv
from tests.servers import s3_server, sftp_server, silent_server

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def sftp(tmp_path_factory):
    with sftp_server(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture(scope="module")
def s3():
    with s3_server() as endpoint:
        client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            aws_access_key_id="crm",
            aws_secret_access_key="secret",
            region_name="us-east-1",
        )
        client.create_bucket(Bucket="drops")
        yield endpoint, client


@pytest.fixture
def drops(settings):
    """Makes CRM_DROPS say this, and a source that looks there."""

    def use(address, **values):
        stock = {name: value for name, value in settings.STORAGES.items() if name[:5] != "drop-"}
        settings.STORAGES = stock | storages_from(f"shop={address}", default={})
        return Source.objects.create(name="web shop", drop="shop", **values)

    return use


def sftp_address(server, folder, **changes):
    known = {**server, **changes}
    options = urlencode({"key": known["key"], "known_hosts": known["known_hosts"]})
    return f"sftp://{known['user']}@{known['host']}:{known['port']}{folder}?{options}"


def s3_address(endpoint, prefix="", key="crm"):
    return f"s3://{key}:secret@drops/{prefix}?endpoint={endpoint}&region=us-east-1"


def take_in(source):
    for _look in range(2):
        look = looking.look_into(source, quiet=timedelta(0))
        assert look.problem == ""
    job = run_job(job_id=looking.ask_to_take(actor=system_user(), source=source).pk)
    assert job.state == State.DONE, job.error
    return job.result


def test_files_on_an_sftp_server_come_in(sftp, drops, tmp_path):
    write_csv(tmp_path / "a.csv", KLAUS)
    (tmp_path / "in").mkdir()
    write_csv(tmp_path / "in" / "b.csv", ANNA)
    (tmp_path / "link.csv").symlink_to(tmp_path / "in" / "b.csv")
    source = drops(sftp_address(sftp, tmp_path))
    assert take_in(source)["imported"] == 1
    assert "link" in DroppedFile.objects.get(name="link.csv").problem
    source.drop_folder = "in"
    source.save()
    take_in(source)
    assert set(Customer.objects.values_list("given_name", flat=True)) == {"Klaus", "Anna"}


def test_a_large_file_comes_whole_over_sftp(sftp, drops, tmp_path):
    rows = [KLAUS | {"email": f"k{number}@example.org", "phone": ""} for number in range(3000)]
    path = write_csv(tmp_path / "a.csv", *rows)
    source = drops(sftp_address(sftp, tmp_path))
    with storages["drop-shop"].reading("", "a.csv") as content:
        parts = iter(lambda: content.read(10_000), b"")
        assert b"".join(parts) == path.read_bytes()
    assert source


def test_an_unknown_host_key_is_not_believed(sftp, drops, tmp_path):
    (tmp_path / "empty").write_text("")
    source = drops(sftp_address(sftp, tmp_path, known_hosts=str(tmp_path / "empty")))
    assert "known_hosts" in looking.look_into(source).problem


def test_another_host_key_than_the_known_one_is_refused(sftp, drops, tmp_path):
    other = paramiko.ECDSAKey.generate()
    known = tmp_path / "known"
    line = f"[127.0.0.1]:{sftp['port']} {other.get_name()} {other.get_base64()}\n"
    known.write_text(line)
    source = drops(sftp_address(sftp, tmp_path, known_hosts=str(known)))
    problem = looking.look_into(source).problem
    assert "host key" in problem


def test_a_wrong_key_is_told_without_naming_it(sftp, drops, tmp_path):
    key = tmp_path / "wrong"
    paramiko.ECDSAKey.generate().write_private_key_file(str(key))
    source = drops(sftp_address(sftp, tmp_path, key=str(key)))
    problem = looking.look_into(source).problem
    assert "does not let us in" in problem
    assert str(key) not in problem


@pytest.mark.parametrize("missing", ["key", "known_hosts"])
def test_a_key_file_that_is_not_there_is_told(sftp, drops, tmp_path, missing):
    source = drops(sftp_address(sftp, tmp_path, **{missing: str(tmp_path / "nothing")}))
    assert "cannot be read" in looking.look_into(source).problem


def test_a_folder_that_is_missing_on_the_server_is_told(sftp, drops, tmp_path):
    source = drops(sftp_address(sftp, tmp_path / "nowhere"))
    assert "does not exist" in looking.look_into(source).problem


def test_an_sftp_server_that_stalls_is_given_up_in_time(drops, tmp_path, monkeypatch):
    monkeypatch.setattr(addresses, "CONNECT", 1)
    with silent_server() as port:
        server = {"user": "x", "host": "127.0.0.1", "port": str(port), "key": "", "known_hosts": ""}
        source = drops(sftp_address(server, tmp_path))
        began = time.monotonic()
        assert "does not answer" in looking.look_into(source).problem
        assert time.monotonic() - began < 15


def test_files_in_a_bucket_come_in(s3, drops, tmp_path):
    endpoint, client = s3
    client.put_object(
        Bucket="drops", Key="in/a.csv", Body=write_csv(tmp_path / "a", KLAUS).read_bytes()
    )
    client.put_object(
        Bucket="drops", Key="in/old/b.csv", Body=write_csv(tmp_path / "b", ANNA).read_bytes()
    )
    client.put_object(Bucket="drops", Key="in/", Body=b"")
    source = drops(s3_address(endpoint, "in"))
    assert take_in(source)["imported"] == 1
    assert list(DroppedFile.objects.values_list("name", flat=True)) == ["a.csv"]
    source.drop_folder = "old"
    source.save()
    take_in(source)
    assert Customer.objects.count() == 2


def test_an_object_that_disappears_before_it_is_read_harms_nothing(s3, drops):
    endpoint, client = s3
    client.put_object(Bucket="drops", Key="gone/a.csv", Body=b"email\nklaus@example.org\n")
    source = drops(s3_address(endpoint, "gone"))
    for _look in range(2):
        looking.look_into(source, quiet=timedelta(0))
    client.delete_object(Bucket="drops", Key="gone/a.csv")
    run_job(job_id=looking.ask_to_take(actor=system_user(), source=source).pk)
    assert DroppedFile.objects.get().state == "gone"


def test_a_bucket_that_is_not_there_is_told(s3, drops):
    endpoint, _client = s3
    source = drops(s3_address(endpoint).replace("@drops", "@nowhere"))
    assert "refused" in looking.look_into(source).problem


def test_more_than_a_thousand_objects_are_listed(s3, drops):
    endpoint, client = s3
    for number in range(1005):
        client.put_object(Bucket="drops", Key=f"many/{number:04}.csv", Body=b"x")
    source = drops(s3_address(endpoint, "many"))
    assert looking.look_into(source).met == 1005


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(places, "READ", 1)
    monkeypatch.setattr(places, "CONNECT", 1)


def test_an_s3_server_that_stalls_is_given_up_in_time(drops, impatient):
    with silent_server() as port:
        source = drops(s3_address(f"http://127.0.0.1:{port}"))
        began = time.monotonic()
        assert "does not answer" in looking.look_into(source).problem
        assert time.monotonic() - began < 15


def test_a_server_that_stalls_in_the_middle_of_a_file_leaves_nothing(
    sftp, drops, tmp_path, monkeypatch, settings
):
    write_csv(tmp_path / "a.csv", KLAUS)
    source = drops(sftp_address(sftp, tmp_path))
    for _look in range(2):
        looking.look_into(source, quiet=timedelta(0))

    def stalls(*args, **kwargs):
        raise TimeoutError

    imports = settings.DATA_DIR / "media" / "imports"
    before = set(imports.glob("*"))
    monkeypatch.setattr(paramiko.SFTPFile, "read", stalls)
    job = run_job(job_id=looking.ask_to_take(actor=system_user(), source=source).pk)
    assert "stopped answering" in job.result["problem"]
    assert set(imports.glob("*")) == before
    assert DroppedFile.objects.get().state == "whole"
    monkeypatch.undo()
    take_in(source)
    assert Customer.objects.exists()
