"""Headless Chromium (the distribution's own) against the whole product.

Every page is watched: a request to another host, an error on the console or a refused policy
fails the test that caused it.
"""

import shutil

import pytest

from tests.product import product
from tests.servers import missing

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium():
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if not binary:
        missing("Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with product(tmp_path_factory.mktemp("p")) as made:
        made.start()
        yield made


@pytest.fixture
def complaints():
    return []


@pytest.fixture
def page(chromium, running, complaints):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_default_timeout(15_000)
    tab = context.new_page()
    tab.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on(
        "request",
        lambda r: (
            None if r.url.startswith((running.url, "data:", "blob:")) else complaints.append(r.url)
        ),
    )
    yield tab
    context.close()
    assert complaints == []
