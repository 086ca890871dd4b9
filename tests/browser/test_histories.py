"""The history of a customer worked with: told, narrowed, compared, and put back; on a telephone
and in the dark as well."""

from itertools import count

import pytest

from tests.browser.test_customer_page import customer as customer
from tests.browser.test_pages import NAMELESS, OVERFLOW
from tests.browser.test_pages import cookies as cookies  # the same person signs in

pytestmark = pytest.mark.browser
HOUSES = count(1)


@pytest.fixture
def history(page, customer):
    """The history of a customer whose city was just changed in the form."""
    page.click("[role=tab]:has-text('Details')")
    page.fill("[name=city]", f"Elsewhere {next(HOUSES)}")
    page.click("#details button[name=_save]")
    page.wait_for_load_state()
    page.goto(customer.replace("/change/", "/history/"))
    return page


def test_a_city_is_put_back_with_a_reason(history):
    page = history
    assert "→ Elsewhere" in page.inner_text(".history li")
    page.select_option("[name=field]", label="City")
    page.click("button:has-text('Show')")
    page.click("a:has-text('Put back…')")
    assert page.locator("input[name=fields]:checked").count() == 1
    page.click("button:has-text('Put back what is ticked')")
    assert "whoever reads the history will ask" in page.inner_text(".put-back")
    page.fill("[name=reason]", "a slip of the pen")
    page.click("button:has-text('Put back what is ticked')")
    page.wait_for_url("**/history/")
    newest = page.inner_text(".history li")
    assert "City: Elsewhere" in newest
    assert "a slip of the pen" in newest
    assert "Put back from the version of" in newest


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
def test_its_pages_fit_and_every_control_has_a_name(history, width, dark):
    page = history
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if dark else "light")
    preview = page.get_attribute("a:has-text('Put back…')", "href")
    for box in (0, 1):
        page.locator("[name=compare]").nth(box).check()
    page.click("button:has-text('Compare the two ticked')")
    assert "Elsewhere" in page.inner_text(".history-compared")
    address = page.url.split("?")[0]
    for url in (page.url, page.evaluate("url => new URL(url, location).href", preview),
                f"{address}of/contact_points/", address.replace("/history/", "/origins/")):  # fmt: skip
        page.goto(url)
        assert page.evaluate(OVERFLOW) <= 0, url
        assert page.evaluate(NAMELESS) == [], url
