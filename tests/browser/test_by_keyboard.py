"""A day at the desk without a mouse: from signing in to the undone change of many.

What counts is how many keys it takes, for that decides whether somebody in a hurry does it at all:
the numbers below are what a person presses, letters of names and notes apart.
"""

import pytest

from tests.browser.test_pages import PASSWORD

pytestmark = pytest.mark.browser
DESK = """
from audit.context import acting
from customers.models import Customer
from staff.models import User
from staff.roles import Role
from staff.services import create_staff, system_user
with acting(actor=None, door="system"):
    create_staff(actor=system_user(), username="li", roles=[Role.SALES], password="{password}",
                 first_name="Li", last_name="Na", must_change_password=False)
    Customer(family_name="张", given_name="单单", phone="+49 30 901820").save()
    Customer.objects.audited_create(
        Customer(given_name="Row", family_name=f"Number {{n}}", city="Fiveham") for n in range(5)
    )
"""


class Keys:
    """Counts what is pressed beside plain text."""

    def __init__(self, page):
        self.page = page
        self.pressed = 0

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def type(self, text):
        self.page.keyboard.type(text, delay=10)

    def until(self, key, wanted, most=40):
        """The same key until the focus is on `wanted`, a selector; never for ever."""
        for _nth in range(most):
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
                return
            self.press(key)
        raise AssertionError(f"{key} does not lead to {wanted}")


@pytest.fixture(scope="module")
def desk(running):
    running.manage("shell", "-v", "0", "-c", DESK.format(password=PASSWORD))


@pytest.fixture
def keys(page, running, desk):
    """Li Na signs in; the cursor waits in the first box."""
    page.goto(running.url)
    page.wait_for_function("document.activeElement.name === 'username'")
    keys = Keys(page)
    keys.type("li")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    page.wait_for_selector("#home-find")
    page.wait_for_load_state()
    assert keys.pressed == 2
    keys.pressed = 0
    return keys


def open_zhang(keys):
    keys.press("/")
    keys.type("zhang dan")
    keys.page.wait_for_selector(".suggest:has(#home-find) [role=option]")
    keys.press("ArrowDown", "Enter")
    keys.page.wait_for_url("**/change/")
    assert "张单单" in keys.page.inner_text("h1")


def test_a_call_with_a_follow_up_is_logged_and_the_follow_up_done(keys, running):
    page = keys.page
    open_zhang(keys)
    assert keys.pressed == 3
    keys.pressed = 0
    keys.press("l")
    keys.type("asked for the annual plan")
    keys.press("Tab")
    keys.type("send the plan")
    keys.press("Tab", "ArrowRight")  # the first of the times: today
    keys.press("Control+Enter")
    page.wait_for_selector(".desk-entry >> text=asked for the annual plan")
    assert keys.pressed <= 6, "a call is logged with one hand on the telephone"
    due = page.locator(".desk-entry-follow_up", has_text="send the plan")
    assert "due today" in due.inner_text()

    keys.pressed = 0
    keys.press("g", "h")
    page.wait_for_selector("#home-my_day")
    page.wait_for_load_state()
    keys.press("Tab", "Enter")  # past the menu
    keys.until("Tab", "[aria-labelledby=home-my_day] button")
    keys.press("Enter")
    page.wait_for_selector("[aria-labelledby=home-my_day] >> text=Nothing is due")
    assert keys.pressed <= 14
    assert page.locator("text=send the plan").count() == 0


def test_the_first_box_has_the_focus_however_late_the_page_is_seen(page, running):
    def late(route):
        page.wait_for_timeout(1500)
        route.continue_()

    page.route("**/alpine*.js", late)
    page.goto(running.url)
    page.wait_for_function("!document.documentElement.hasAttribute('x-cloak')")
    page.wait_for_function("document.activeElement.name === 'username'", timeout=3000)


def test_a_stage_is_changed_and_somebody_taken_on(keys):
    page = keys.page
    open_zhang(keys)
    keys.pressed = 0
    keys.until("Tab", ".summary-stage > summary")
    keys.press("Enter", "Tab", "Enter")
    page.wait_for_selector("text=The stage is now “Prospect”.")
    assert "Prospect" in page.inner_text(".summary-stage > summary")
    keys.until("Tab", "form[action$='/look_after/'] button")
    keys.press("Enter")
    page.wait_for_selector("text=You look after this customer now.")
    assert page.locator("form[action$='/look_after/']").count() == 0
    page.keyboard.press("Escape")


def test_five_rows_get_a_tag_and_lose_it_again(keys, running):
    page = keys.page
    page.goto(f"{running.url}/customers/customer/?city=Fiveham")
    keys.until("Tab", "#action-toggle")
    keys.press("Space")
    assert "5 of 5 selected" in page.inner_text(".action-counter")
    keys.until("Tab", "select[name=action]", 60)
    keys.type("Add a tag")
    keys.until("Tab", "button[name=index]")
    keys.press("Enter")
    page.wait_for_selector("text=5 customers")
    keys.until("Tab", "main [name=tag]")
    keys.type("fair")
    keys.press("Enter")
    for answer, words in (("5 changed", "Undo"), ("5 as before", "")):
        page.wait_for_selector("a:has-text('Open the result')", timeout=60_000)
        page.focus("a:has-text('Open the result')")
        keys.press("Enter")
        page.wait_for_selector(f"text={answer}")
        if words:
            page.focus("text=Undo…")
            keys.press("Enter")
            page.wait_for_selector("button:has-text('Undo this change')")
            keys.until("Tab", "main button")
            keys.press("Enter")
