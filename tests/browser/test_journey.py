"""The main job, as a newcomer does it: from the one-time password to the undone import.

On the embedded defaults, without any Redis, and on a real PostgreSQL with a real Redis; always with
a real worker, and with logs at DEBUG. Nothing protected may stand in anything it leaves.
"""

import contextlib
import csv
import io
import re
import urllib.parse

import pytest

from tests.browser.hunting import files, found_in_plain_text, places
from tests.product import product
from tests.servers import postgres_server, redis_server

PASSWORD = "Sailing-over-41-calm-seas"
CHANGED_PHONE = "+49 30 901820"
REFUSED_PHONE = "+49 30 77 canary"
NOBODY = "nobody.known@canary.example.org"
PEOPLE = 50

pytestmark = pytest.mark.browser


def person(n):
    """Somebody who exists nowhere else, written the way real files are."""
    messy = n % 5 == 0
    return {
        "First name": f" {'MARIANNE' if messy else 'Marianne'}",
        "Last name": f"Quellwasser{'abcdefghij'[n // 10]}{'klmnopqrst'[n % 10]}",
        "E-mail": f"Quellwasser{n}@Canary-{n}.Example.org ",
        "Phone": f"0151 2345 {6000 + n}" if messy else f"+49 1512345{6000 + n}",
        "Street": f"Kanarienweg {700 + n}",
        "City": "Berlin",
        "Country": "Deutschland" if messy else "DE",
        "Birth date": f"{1 + n % 28:02d}.{1 + n % 12:02d}.{1950 + n}" if messy else f"{1950 + n}-{1 + n % 12:02d}-{1 + n % 28:02d}",
        "Notes": f"Asked for canary seed number {n}.",
    }  # fmt: skip


@pytest.fixture(scope="module")
def people_file():
    file = io.StringIO()
    writer = csv.DictWriter(file, list(person(0)))
    writer.writeheader()
    writer.writerows(person(n) for n in range(PEOPLE))
    return {"name": "people.csv", "mimeType": "text/csv", "buffer": file.getvalue().encode()}


@pytest.fixture(scope="module", params=["embedded", "files", "servers"])
def running(request, tmp_path_factory):
    """`files`: so deep a directory that no socket fits in, so that messages are files."""
    directory = tmp_path_factory.mktemp("j")
    if request.param == "files":
        directory /= "deep" * 25
        directory.mkdir()
    with contextlib.ExitStack() as stack:
        settings = {"CRM_LOG_LEVEL": "DEBUG"}
        if request.param == "servers":
            settings["DATABASE_URL"] = stack.enter_context(postgres_server(directory))
            settings["REDIS_URL"] = stack.enter_context(redis_server(directory))
        made = stack.enter_context(product(directory, **settings))
        made.start()
        assert (made.data_dir / "broker" / "redis.sock").exists() == (request.param == "embedded")
        yield made


def test_a_newcomer_imports_finds_changes_and_undoes(page, running, people_file):
    first_sign_in(page, running)
    import_file(page, running, people_file)
    open_customer_by_email(page, running, " QUELLWASSER7@canary-7.example.ORG")
    be_refused(page)
    change_phone(page)
    history = read_history(page)
    assert "admin" in history
    assert "Phone" in history or "phone" in history
    assert "901820" not in re.sub(r"\W", "", history)
    search_for_nobody(page, running)
    undo_import(page, running)
    back_up(running)
    assert found_in_plain_text(canaries(), places(running)) == []


def first_sign_in(page, running):
    page.goto(f"{running.url}/customers/customer/")
    sign_in(page, running.password)
    assert page.url.endswith("/password_change/")
    page.goto(f"{running.url}/customers/customer/")
    assert page.url.endswith("/password_change/"), "the one-time password opens nothing else"
    page.fill("input[name=old_password]", running.password)
    page.fill("input[name=new_password1]", PASSWORD)
    page.fill("input[name=new_password2]", PASSWORD)
    page.press("input[name=new_password2]", "Enter")
    page.wait_for_url("**/password_change/done/")


def sign_in(page, password):
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()


def import_file(page, running, file):
    page.goto(running.url)
    page.click("text=Import a file")
    page.fill("input[name=source]", "Canaries")
    page.set_input_files("input[name=file]", file)
    page.click("button:has-text('Upload and look at the columns')")
    page.wait_for_url("**/columns/")
    columns = page.inner_text(".import-columns")
    assert "+491512345" in columns, "the page shows what a phone becomes"
    assert list((running.data_dir / "media" / "imports").iterdir())
    assert found_in_plain_text(canaries(), files(running)) == [], "while the upload waits"
    page.click("button:has-text('Start the import')")
    page.click("text=Open the result", timeout=60_000)
    counts = page.inner_text(".import-counts")
    assert re.search(rf"{PEOPLE}\s+created", counts), counts


def open_customer_by_email(page, running, email):
    page.goto(running.url)
    page.fill("#home-find", email)
    page.click("button:has-text('Find')")
    assert "canary-7" not in urllib.parse.unquote(page.url).lower(), "no term in a URL"
    page.click("table a:has-text('Quellwasserar')")
    page.wait_for_url("**/change/**")


def open_details(page):
    page.click("[role=tab]:has-text('Details')")


def change_phone(page):
    open_details(page)
    page.fill("input[name=phone]", CHANGED_PHONE)
    page.click("#details button[name=_save]")
    page.wait_for_load_state()
    assert page.input_value("input[name=phone]").replace(" ", "") == "+4930901820"


def read_history(page):
    page.click("[role=tab]:has-text('History')")
    page.click("#history a:has-text('The whole history')")
    page.wait_for_url("**/history/**")
    return page.inner_text("body")


def undo_import(page, running):
    page.goto(f"{running.url}/customers/importbatch/")
    page.click("table a:has-text('Import #2')")
    page.click("a:has-text('Undo this import')")
    page.click("button:has-text('Undo')")
    page.click("text=Open the result", timeout=60_000)
    result = page.inner_text("body")
    assert f"{PEOPLE - 1} customers as before" in result, result
    assert "1 kept" in result


def search_for_nobody(page, running):
    page.goto(running.url)
    page.fill("#home-find", NOBODY)
    page.click("button:has-text('Find')")
    assert "nobody" not in urllib.parse.unquote(page.url).lower()


def be_refused(page):
    """What is typed and refused leaves no trace either."""
    open_details(page)
    page.fill("input[name=phone]", REFUSED_PHONE)
    page.click("#details button[name=_save]")
    page.wait_for_load_state()
    assert "not a valid phone number" in page.inner_text("body")


def back_up(running):
    running.manage("backup")
    assert list((running.data_dir / "backups").glob("*.sealed"))


def canaries():
    """Marks that stand in everything protected of anybody, and nowhere else."""
    found = {"@canary", "kanarienweg", "canary seed", "15123456", "30901820", REFUSED_PHONE}
    return found | {f"{1950 + n}-{1 + n % 12:02d}-{1 + n % 28:02d}" for n in range(PEOPLE)}
