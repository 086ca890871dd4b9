"""Every page fits its window, narrow and wide, and is silent on the console.

Console errors and requests to other hosts fail in the `page` fixture.
"""

import pytest

PASSWORD = "Sailing-over-41-calm-seas"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAMELESS = """[...document.querySelectorAll('a, button')].filter(
    one => one.checkVisibility() && !one.innerText.trim() && !one.ariaLabel && !one.title
).map(one => one.outerHTML.slice(0, 200))"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def cookies(chromium, running):
    """The administrator's session, past the one-time password."""
    with chromium.new_context() as context:
        tab = context.new_page()
        tab.goto(f"{running.url}/login/")
        for name, text in (("username", "admin"), ("password", running.password)):
            tab.fill(f"input[name={name}]", text)
        tab.press("input[name=password]", "Enter")
        tab.fill("input[name=old_password]", running.password)
        for name in ("new_password1", "new_password2"):
            tab.fill(f"input[name={name}]", PASSWORD)
        tab.press("input[name=new_password2]", "Enter")
        tab.wait_for_url("**/password_change/done/")
        return context.cookies()


@pytest.fixture(scope="module")
def addresses(chromium, running, cookies):
    """The main pages; of those about one thing, the first in its list."""
    found = {
        "sign in": "/login/",
        "home": "/",
        "customers": "/customers/customer/",
        "adding": "/customers/customer/add/",
        "upload": "/customers/importbatch/add/",
        "imports": "/customers/importbatch/",
        "rows that wait": "/customers/importbatch/review/",
        "jobs": "/jobs/job/",
        "staff": "/staff/user/",
        "password": "/password_change/",
    }
    with chromium.new_context() as context:
        context.add_cookies(cookies)
        tab = context.new_page()
        for one, many in (("customer", "customers"), ("result", "imports"), ("job", "jobs")):
            tab.goto(running.url + found[many])
            found[one] = tab.get_attribute("#result_list tbody th a", "href").split("?")[0]
        tab.goto(running.url + found["rows that wait"])
        found["review"] = tab.get_attribute("main a.page-button-main", "href")
        found["columns"] = uploaded(tab, running.url + found["upload"])
    found["history"] = found["customer"].replace("/change/", "/history/")
    return found


def uploaded(tab, address):
    """Where the columns of a fresh upload are; refused first, so that the page says why."""
    tab.goto(address)
    for content, answer in ((b"E-mail\n", ".import-problem"), (b"E-mail\na@b.example\n", None)):
        tab.fill("input[name=source]", "Fair")
        file = {"name": "people.csv", "mimeType": "text/csv", "buffer": content}
        tab.set_input_files("input[name=file]", file)
        tab.click("button[type=submit]:has-text('Upload')")
        if answer:
            tab.wait_for_selector(answer)
    tab.wait_for_url("**/columns/")
    return tab.evaluate("location.pathname")


@pytest.mark.parametrize("width", [360, 1280])
def test_pages_fit_their_window(page, running, cookies, addresses, width):
    page.set_viewport_size({"width": width, "height": 800})
    for name, address in addresses.items():
        page.context.clear_cookies()
        if name != "sign in":
            page.context.add_cookies(cookies)
        page.goto(running.url + address)
        assert page.evaluate(OVERFLOW) <= 0, f"{name} is wider than {width} px"
        assert page.locator("h1").count() == 1, f"{name} has one heading that names it"
        assert page.evaluate(NAMELESS) == [], f"{name}: a control without a name"


def test_the_keyboard_alone_signs_out(page, running, cookies):
    page.context.add_cookies(cookies)
    page.goto(running.url)
    page.focus("#nav-sidebar [role=button]:has-text('admin')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#logout-form button", state="visible")
    page.focus("#logout-form button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/logout/")
    assert "signed out" in page.inner_text("h1")
