"""The list by keyboard and on a phone: views, columns, and a deed on many with its undo."""

import pytest

from tests.browser.test_pages import OVERFLOW
from tests.browser.test_pages import cookies as cookies  # the same person signs in

pytestmark = pytest.mark.browser
MANY = """
from audit.context import acting
from customers.models import Customer
with acting(actor=None, door='system'):
    Customer.objects.audited_create(
        Customer(given_name='Listed', family_name=f'Person{n:02d}', city='Listingen', tags='listed')
        for n in range(60)
    )
"""


@pytest.fixture(scope="module")
def many(running):
    running.manage("shell", "-v", "0", "-c", MANY)


@pytest.fixture
def listed(page, running, cookies, many):
    page.context.add_cookies(cookies)
    page.goto(f"{running.url}/customers/customer/?tag=listed")
    return page


def columns(page):
    shown = page.locator("#result_list thead th .text").all_inner_texts()
    return [text.strip() for text in shown if text.strip()]


def test_columns_are_moved_by_keyboard_and_kept_in_a_view(listed):
    page = listed
    page.focus("summary:has-text('Columns')")
    page.keyboard.press("Enter")
    page.uncheck(".list-columns input[value=email]")
    page.check(".list-columns input[value=tag_list]")
    up = page.get_by_label("tags: up")
    while page.locator(".list-columns li").nth(1).get_by_label("tags: up").count() == 0:
        up.press("Enter")
        assert page.evaluate("document.activeElement.dataset.move") == "up"
    page.click("button:has-text('Show these')")
    page.wait_for_url("**tag=listed**")
    assert columns(page)[:3] == ["Name", "Tags", "Number"]
    assert "E-mail" not in columns(page)
    page.click("summary:has-text('Keep as a view')")
    page.fill("#view-name", "Listed people")
    page.press("#view-name", "Enter")
    page.wait_for_selector("nav.list-tabs a[aria-current]:has-text('Listed people')")
    page.click("nav.list-tabs a:has-text('All')")
    page.wait_for_url("**view=all**")
    page.click("nav.list-tabs a:has-text('Listed people')")
    page.wait_for_url("**tag=listed**")
    assert columns(page)[:3] == ["Name", "Tags", "Number"]
    page.keyboard.press("Escape")


def test_many_are_changed_and_put_back_on_a_phone(listed):
    page = listed
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate(OVERFLOW) <= 0
    page.check("input.action-toggle")
    assert "50 of 50 selected" in page.inner_text(".action-counter")
    page.click(".question .list-all")
    assert "All that fit the filters" in page.inner_text(".list-chosen")
    page.select_option("select[name=action]", "bulk_set_stage")
    page.click("button[name=index]")
    page.wait_for_selector("text=60 customers")
    assert page.evaluate(OVERFLOW) <= 0
    page.select_option("select[name=stage]", "former")
    page.click("button:has-text('Change 60 customers')")
    page.wait_for_selector("a:has-text('Open the result')", timeout=60_000)
    page.click("a:has-text('Open the result')")
    page.wait_for_selector("text=60 changed")
    assert page.evaluate(OVERFLOW) <= 0
    page.click("text=Undo…")
    page.click("button:has-text('Undo this change')")
    page.wait_for_selector("a:has-text('Open the result')", timeout=60_000)
    page.click("a:has-text('Open the result')")
    page.wait_for_selector("text=60 as before")
