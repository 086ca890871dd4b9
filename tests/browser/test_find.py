"""Finding somebody with the keyboard, from any page; and the home page as eyes meet it."""

import pytest

from tests.browser.test_pages import OVERFLOW
from tests.browser.test_pages import cookies as cookies  # the same person signs in

pytestmark = pytest.mark.browser
BOX = "#home-find"
OPTIONS = ".suggest:has(#home-find) [role=option]"
ZHANG = """
from audit.context import acting
from customers.models import Customer
with acting(actor=None, door="system"):
    Customer(family_name="张", given_name="单单", email="dandan@example.com", country="CN").save()
    Customer(kind="organisation", organisation_name="Zeppelin <b>Optics</b> AG").save()
"""


@pytest.fixture(scope="module")
def somebody(running):
    running.manage("shell", "-c", ZHANG)


@pytest.fixture
def home(page, running, cookies, somebody):
    page.context.add_cookies(cookies)
    page.goto(running.url)
    return page


def test_a_few_keys_lead_to_the_customer_and_leave_no_trace_in_an_address(home):
    seen = []
    home.on("request", lambda request: seen.append(request.url))
    home.keyboard.press("/")
    home.keyboard.type("zhang dan", delay=30)
    home.wait_for_selector(OPTIONS)
    assert home.get_attribute(BOX, "aria-expanded") == "true"
    home.keyboard.press("ArrowDown")
    marked = home.get_attribute(BOX, "aria-activedescendant")
    assert "张单单" in home.inner_text(f"#{marked}")
    assert home.get_attribute(f"#{marked}", "aria-selected") == "true"
    home.keyboard.press("Enter")
    home.wait_for_url("**/change/")
    assert "张单单" in home.inner_text("h1")
    assert not [url for url in seen if "zhang" in url.lower()]


def test_enter_without_a_choice_searches_as_it_does_without_any_script(home):
    home.fill(BOX, "zhang")
    home.press(BOX, "Enter")
    home.wait_for_url("**/search/")
    assert "张单单" in home.inner_text("#result_list")


def test_escape_closes_the_suggestions_and_keeps_what_was_typed(home):
    home.focus(BOX)
    home.keyboard.type("zep", delay=30)
    home.wait_for_selector(OPTIONS)
    home.keyboard.press("Escape")
    assert home.locator(OPTIONS).first.is_hidden()
    assert home.input_value(BOX) == "zep"


def test_markup_in_a_name_is_text_in_a_suggestion(home):
    home.focus(BOX)
    home.keyboard.type("zep", delay=30)
    home.wait_for_selector(OPTIONS)
    assert "<b>Optics</b>" in home.inner_text(OPTIONS)


def test_somebody_who_is_not_there_is_said_to_be_so(home):
    home.focus(BOX)
    home.keyboard.type("qqqq", delay=30)
    home.wait_for_selector(".suggest-seen >> text=Nobody is called so")


def test_any_page_finds_and_says_which_keys_there_are(home, running):
    home.goto(f"{running.url}/jobs/job/")
    home.keyboard.press("Control+k")
    home.keyboard.type("zhang", delay=30)
    home.wait_for_selector("#find-dialog [role=option]")
    home.keyboard.press("Escape")  # the suggestions
    home.wait_for_selector("#find-dialog [role=option]", state="hidden")
    home.keyboard.press("Escape")  # the dialog
    home.wait_for_selector("#find-dialog", state="hidden")
    home.keyboard.press("?")
    home.wait_for_selector("#keys-dialog[open]")
    home.keyboard.press("Escape")
    home.keyboard.press("g")
    home.keyboard.press("c")
    home.wait_for_url("**/customers/customer/")
    home.keyboard.press("/")
    assert home.evaluate("document.activeElement.id") == "customer-term"


def test_nothing_is_a_shortcut_while_somebody_types(home):
    home.focus(BOX)
    home.keyboard.type("g c?/", delay=20)
    assert home.input_value(BOX) == "g c?/"
    assert not home.is_visible("#keys-dialog")


def test_an_employer_is_chosen_by_keys(home, running):
    home.goto(f"{running.url}/customers/customer/")
    home.click("#result_list a:has-text('张单单')")
    home.evaluate("document.querySelectorAll('details').forEach(one => (one.open = true))")
    box = home.locator("input[name=employer]")
    if not box.is_visible():
        home.locator("[role=tab]:has-text('Details'), a:has-text('Details')").first.click()
    if not box.is_visible():
        home.locator("a:has-text('Person and work')").first.click()
    box.focus()
    home.keyboard.type("zep", delay=30)
    home.wait_for_selector(".suggest:has(input[name=employer]) [role=option]")
    home.keyboard.press("ArrowDown")
    home.keyboard.press("Tab")
    assert "Zeppelin" in box.input_value()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_home_page_fits_and_axe_has_nothing_to_say(home, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    home.emulate_media(color_scheme=scheme)
    home.set_viewport_size({"width": width, "height": 800})
    home.evaluate(
        "dark => document.documentElement.classList.toggle('dark', dark)", scheme == "dark"
    )
    assert home.evaluate(OVERFLOW) <= 0
    found = Axe().run(home).response["violations"]
    assert [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found] == []
