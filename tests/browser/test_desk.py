"""The log box and the timeline as hands and eyes meet them."""

import pytest

from tests.browser.test_customer_page import customer as customer
from tests.browser.test_pages import OVERFLOW
from tests.browser.test_pages import cookies as cookies  # the same person signs in

pytestmark = pytest.mark.browser
BOX = "[data-desk-log]"
TEXT = f"{BOX} textarea"
MANY = """
from datetime import timedelta
from django.utils import timezone
from audit.context import acting
from customers.interactions import log_interaction
from customers.models import Customer
from staff.models import User
who = User.objects.get(username="admin")
one = Customer.objects.get(pk="{key}")
with acting(actor=who, door="system"):
    for n in range(45):
        log_interaction(actor=who, customer=one, text=f"talk {{n}}", happened_at=timezone.now() - timedelta(hours=n))
"""


def test_a_call_with_its_follow_up_is_a_few_keys(page, customer):
    assert not page.is_visible(f"{BOX} .desk-when")
    page.fill(TEXT, "asked for the annual plan")
    page.press(TEXT, "Tab")
    page.keyboard.type("send the plan")
    assert page.is_visible(f"{BOX} .desk-when")
    page.click(f"{BOX} .desk-when label:has-text('Tomorrow')")
    page.focus(TEXT)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".desk-entry >> text=asked for the annual plan")
    assert page.locator(".desk-entry-follow_up", has_text="send the plan").count() == 1
    assert page.input_value(TEXT) == ""
    page.locator(".desk-entry-follow_up button:has-text('Done')").first.click()
    page.wait_for_selector(".desk-entry >> text=Follow-up done")


def test_what_is_wrong_is_said_in_place_and_the_text_stays(page, customer):
    page.fill(TEXT, "kept words")
    page.fill(f"{BOX} [name=what]", "call back")
    page.click(f"{BOX} .desk-save")
    page.wait_for_selector(f"{BOX} .desk-problem")
    assert page.input_value(TEXT) == "kept words"
    assert page.input_value(f"{BOX} [name=what]") == "call back"
    page.click(f"{BOX} .desk-when label:has-text('Pick a day')")
    page.fill(f"{BOX} [name=day]", "2031-01-02")
    page.click(f"{BOX} .desk-save")
    page.wait_for_selector(".desk-entry >> text=kept words")


def test_a_session_that_ended_keeps_the_text_until_one_signed_in_again(page, customer, cookies):
    page.fill(TEXT, "a long story")
    page.context.clear_cookies(name="sessionid")
    page.press(TEXT, "Control+Enter")
    page.wait_for_selector(f"{BOX} >> text=You are not signed in any more")
    assert page.input_value(TEXT) == "a long story"
    page.context.add_cookies(cookies)
    page.fill(TEXT, "a long story, and its end")
    page.click(f"{BOX} .desk-save")
    page.wait_for_selector(".desk-entry >> text=a long story, and its end")


def test_a_server_that_cannot_be_reached_takes_nothing_away(page, customer, complaints):
    page.fill(TEXT, "written on a train")
    page.route("**/interaction/log/**", lambda route: route.abort())
    page.press(TEXT, "Control+Enter")
    page.wait_for_selector(f"{BOX} >> text=could not be reached")
    assert page.input_value(TEXT) == "written on a train"
    page.unroute("**/interaction/log/**")
    page.click(f"{BOX} .desk-save")
    page.wait_for_selector(".desk-entry >> text=written on a train")
    complaints[:] = [one for one in complaints if "ERR_FAILED" not in one]


def test_older_entries_come_below_and_kinds_narrow_in_place(page, running, customer):
    key = customer.rstrip("/").split("/")[-2]
    running.manage("shell", "-v", "0", "-c", MANY.format(key=key))
    page.reload()
    assert page.locator(".desk-entry").count() == 20
    page.click("[data-desk-older]")
    page.wait_for_function("document.querySelectorAll('.desk-entry').length > 20")
    assert page.locator(".desk-entry").count() == 40
    days = page.eval_on_selector_all("[data-day]", "all => all.map(one => one.dataset.day)")
    assert days == sorted(set(days), reverse=True)
    page.click(".desk-kinds-of a:has-text('Conversations')")
    page.wait_for_selector(".desk-kinds-of [aria-current]:has-text('Conversations')")
    assert page.locator(".desk-entry:not(.desk-entry-talk)").count() == 0
    assert page.url.split("#")[0] == customer


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["followup/", "followup/calendar/", "interaction/"])
def test_its_pages_fit(page, running, customer, width, scheme, path):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{running.url}/customers/{path}")
    assert page.evaluate(OVERFLOW) <= 0


def test_a_calendar_link_is_made_replaced_and_switched_off(page, running, customer):
    page.goto(f"{running.url}/customers/followup/calendar/")
    links = []
    for button in ("Make a link", "Replace the link"):
        page.click(f"button:has-text('{button}')")
        links.append(page.input_value("#desk-link"))
    old, new = (page.request.get(link).status for link in links)
    assert (old, new) == (404, 200)
    page.click("button:has-text('Switch it off')")
    page.wait_for_selector("text=The link is switched off.")
    assert page.request.get(links[1]).status == 404
