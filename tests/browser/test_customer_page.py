"""The page of one customer, worked with: by keyboard, with the mouse, on a telephone, and without
any script."""

import re

import pytest

from tests.browser.test_pages import OVERFLOW
from tests.browser.test_pages import cookies as cookies  # the same person signs in

pytestmark = pytest.mark.browser
DETAILS = "#details button[name=_save]"


@pytest.fixture
def customer(page, running, cookies):
    """The page of the first demo customer of the list who is a person, opened."""
    page.context.add_cookies(cookies)
    page.goto(f"{running.url}/customers/customer/?kind__exact=person")
    address = page.get_attribute("#result_list tbody th a", "href").split("?")[0]
    page.goto(running.url + address)
    return running.url + address


def chosen(page):
    return page.locator("[role=tab][aria-selected=true]").inner_text().split("\n")[0].strip()


def test_tabs_are_walked_with_keys_and_stay_in_the_address(page, customer):
    assert chosen(page) == "Timeline"
    page.focus("[role=tab][aria-selected=true]")
    page.keyboard.press("ArrowRight")
    assert chosen(page) == "Details"
    assert page.url.endswith("#details")
    assert page.is_visible(DETAILS)
    page.keyboard.press("End")
    assert chosen(page) == "History"
    page.reload()
    assert chosen(page) == "History"
    assert page.evaluate("scrollY") == 0, "the summary stays in sight"
    page.keyboard.press("l")
    assert chosen(page) == "Timeline"
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.type("l is a letter here")
    assert "l is a letter" in page.evaluate("document.activeElement.value")


def test_a_contact_point_is_added_changed_exchanged_and_removed_in_its_place(page, customer):
    page.click("[role=tab]:has-text('Contact points')")
    before = page.locator("#contact-points .reach").count()
    page.click("text=Add a contact point")
    page.select_option("#contact-points [name=kind]", "messenger")
    assert page.is_visible("#contact-points [name=messenger]")
    page.select_option("#contact-points [name=kind]", "email")
    assert not page.is_visible("#contact-points [name=messenger]")
    page.fill("#contact-points [name=value]", "no address")
    page.click("#contact-points .row-form button")
    page.wait_for_selector("#contact-points .customer-error")
    page.fill("#contact-points [name=value]", "Second@Example.ORG")
    page.press("#contact-points [name=value]", "Enter")
    row = page.locator(".reach", has_text="second@example.org")
    row.wait_for()
    assert page.locator("#contact-points .reach").count() == before + 1
    assert "never verified" in row.inner_text()
    row.locator("button:has-text('Verified today')").click()
    row.locator("time").wait_for()
    row.locator("a:has-text('Change')").click()
    page.select_option("#contact-points [name=use]", "work")
    page.click("#contact-points .row-form button")
    page.locator(".reach", has_text="second@example.org").locator("text=work").wait_for()
    row.locator("summary").click()
    row.locator("button:has-text('Make it the main one')").click()
    page.wait_for_selector(".customer-summary >> text=second@example.org")
    assert page.url.endswith("#contact-points")
    assert chosen(page).startswith("Contact points")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_tab_fits(page, customer, width, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    for tab in page.locator("[role=tab]").all():
        tab.click()
        assert page.evaluate(OVERFLOW) <= 0, f"{tab.inner_text()} is wider than {width} px"


def test_without_a_script_every_part_is_there_and_every_form_a_page(
    chromium, running, cookies, customer
):
    with chromium.new_context(java_script_enabled=False) as context:
        context.add_cookies(cookies)
        tab = context.new_page()
        tab.goto(customer)
        assert tab.is_visible("#details input[name=city]")
        assert tab.is_visible("#history")
        tab.click("text=Add a contact point")
        tab.fill("[name=value]", "+49 30 901820")
        tab.select_option("[name=kind]", "phone")
        tab.click(".row-form button")
        assert re.search(r"#contact-points$", tab.url)
        assert "+49 30 901820" in tab.inner_text("#contact-points")


POINTS = """
from audit.context import acting
from customers.models import ContactPoint, Customer
one = Customer.objects.get(pk="{key}")
with acting(actor=None, door="system"):
    for n in range(60):
        ContactPoint(customer=one, kind="email", value=f"many{{n}}@example.org").save()
"""


def test_all_of_many_rows_stay_in_sight_when_one_is_changed(page, running, customer):
    key = customer.rstrip("/").split("/")[-2]
    running.manage("shell", "-v", "0", "-c", POINTS.format(key=key))
    page.goto(f"{customer}#contact-points")
    page.reload()
    assert page.locator("#contact-points .reach").count() == 50
    page.click("#contact-points a:has-text('Show all')")
    page.wait_for_url("**all=yes**")
    row = page.locator(".reach", has_text="many59@example.org")
    row.locator("button:has-text('Verified today')").click()
    row.locator("time").wait_for()
    page.wait_for_function("document.querySelectorAll('#contact-points .reach').length > 60")
    assert "reaches the customer" in page.inner_text("main [role=status]")
