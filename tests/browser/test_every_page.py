"""Every page of the product, narrow and wide, light and dark, as eyes and screen readers meet it.

A page passes when axe finds nothing (all its rules for WCAG 2 A and AA, and its best practices),
when nothing is wider than the window, when one heading and the title name it, when whatever has
the focus can be seen, and when it is silent: no error on the console, no request to another host.
"""

import json
import time

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.test_pages import OVERFLOW
from tests.product import product

pytestmark = pytest.mark.browser
LIST = "/customers/customer/"
NOBODY = "01a20099-0000-7000-8000-000000000000"
ROLES = [
    "administrator", "data_steward", "sales", "marketing", "service", "privacy_officer", "auditor",
    "read_only",
]  # fmt: skip
PLAIN = {
    "customers": LIST,
    "customers, filtered": LIST + "?stage__exact=lead&country=DE",
    "customers, nobody fits": LIST + "?city=Nowhere",
    "customers in the bin": LIST + "?bin=yes",
    "adding a customer": LIST + "add/",
    "no such customer": f"{LIST}{NOBODY}/change/",
    "follow-ups": "/customers/followup/",
    "calendar link": "/customers/followup/calendar/",
    "interactions": "/customers/interaction/",
    "bulk changes": "/customers/bulkchange/",
    "handing over": "/customers/bulkchange/hand-over/",
    "exports": "/customers/export/",
    "asking for an export": "/customers/export/add/",
    "imports": "/customers/importbatch/",
    "uploading": "/customers/importbatch/add/",
    "rows that wait": "/customers/importbatch/review/",
    "sources": "/customers/source/",
    "adding a source": "/customers/source/add/",
    "jobs": "/jobs/job/",
    "staff": "/staff/user/",
    "adding a colleague": "/staff/user/add/",
    "teams": "/staff/team/",
    "changing the password": "/password_change/",
}
# Where everything is that was made for the purpose: `tests/browser/furnish.py`.
MADE = [
    "customer", "long", "bidi", "tags", "nameless", "firm", "short", "in the bin",
    "contact point", "further contact point", "address", "further address", "history", "origins",
    "moving to the bin", "putting back", "interaction", "logging", "follow-up",
    "follow-up history", "planning", "bulk change", "undoing a bulk change", "bulk job", "export",
    "source", "result", "rows", "undoing an import", "deciding", "job", "team", "colleague",
]  # fmt: skip
REFUSED = {
    "no such page": ("administrator", "/customers/nothing/", 404),
    "not allowed": ("read_only", "/customers/importbatch/", 403),
}
WINDOWS = [(1280, False), (360, True), (1280, True), (360, False)]
# The theme follows the system when a page loads; here it is switched under the same page.
SWITCH = "dark => document.documentElement.classList.toggle('dark', dark)"
UNSEEN = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return '';
    // Inside a date or time it is the browser's own button that has the focus, and shows it.
    if (['date', 'time'].includes(one.type) && !one.matches(':focus-visible')) return '';
    const box = one.getBoundingClientRect();
    const near = [one, one.parentElement, one.nextElementSibling, one.closest('label')];
    const drawn = near.filter(Boolean).map(each => getComputedStyle(each)).some(style =>
        (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
        || style.boxShadow !== 'none');
    return drawn && box.width > 0 && box.height > 0 ? '' : one.outerHTML.slice(0, 200);
}"""
AXE = {"resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Furnished, and with its jobs done."""
    with product(tmp_path_factory.mktemp("e")) as made:
        made.start()
        command = "from tests.browser.furnish import furnish; furnish()"
        made.found = json.loads(made.manage("shell", "-v", "0", "-c", command).stdout)
        end = time.monotonic() + 60
        while made.manage("shell", "-v", "0", "-c", AT_WORK).stdout.strip() != "0":
            assert time.monotonic() < end, "the jobs are not done"
            time.sleep(1)
        yield made


AT_WORK = (
    "from jobs.models import Job; print(Job.objects.exclude(state__in=['done', 'failed']).count())"
)


@pytest.fixture(scope="module")
def tabs(chromium, running):
    """One window for each role, and what it complained of."""
    made = {}

    def of(role):
        if role not in made:
            context = chromium.new_context(viewport={"width": 1280, "height": 900})
            context.set_default_timeout(15_000)
            if role:
                key = running.found["sessions"][role]
                context.add_cookies([{"name": "sessionid", "value": key, "url": running.url}])
            made[role] = listened(context.new_page(), running.url), context
        return made[role][0]

    yield of
    for _tab, context in made.values():
        context.close()


def listened(tab, url):
    tab.complaints = []
    complain = tab.complaints.append
    tab.on("console", lambda said: complain(said.text) if said.type == "error" else None)
    tab.on("pageerror", lambda error: complain(str(error)))
    ours = (url, "data:", "blob:")
    tab.on("request", lambda r: None if r.url.startswith(ours) else complain(r.url))
    return tab


@pytest.fixture
def visit(tabs, running):
    def go(role, address, status=200):
        tab = tabs(role)
        tab.complaints.clear()
        tab.set_viewport_size({"width": 1280, "height": 900})
        answer = tab.goto(running.url + address)
        assert answer.status == status
        return tab

    return go


@pytest.fixture
def place(running):
    return running.found["addresses"]


def look(tab, name, *, status=200):
    """Everything that is asked of a page, of the one that is open."""
    assert tab.locator("h1").count() == 1, "one heading names the page"
    title = tab.title()
    assert title.endswith("| CRM"), title
    assert len(title) > len("| CRM") + 3, title
    wrong = []
    for _nth in range(14):
        tab.keyboard.press("Tab")
        if unseen := tab.evaluate(UNSEEN):
            wrong.append(("focus cannot be seen", unseen))
    for width, dark in WINDOWS:
        tab.set_viewport_size({"width": width, "height": 800})
        tab.emulate_media(color_scheme="dark" if dark else "light")
        tab.evaluate(SWITCH, dark)
        if (wider := tab.evaluate(OVERFLOW)) > 0:
            wrong.append((f"wider than {width} px", wider))
        if (width, dark) in WINDOWS[:2]:
            wrong += [(width, dark, *each) for each in violations(tab)]
    tab.emulate_media(color_scheme="light")
    silent = [said for said in tab.complaints if status == 200 or f"status of {status}" not in said]
    assert (wrong, silent) == ([], []), name


def violations(tab):
    found = Axe().run(tab, options=AXE).response["violations"]
    return [(one["id"], [node["html"][:160] for node in one["nodes"][:4]]) for one in found]


# ----------------------------------------------------------------------------------------------


def test_signing_in(visit):
    look(visit(None, "/login/"), "signing in")


@pytest.mark.parametrize("role", ROLES)
def test_home(visit, role):
    look(visit(role, "/"), role)


@pytest.mark.parametrize("name", PLAIN)
def test_page(visit, name):
    look(visit("administrator", PLAIN[name]), name)


@pytest.mark.parametrize("name", MADE)
def test_page_about_one_thing(visit, place, name):
    look(visit("administrator", place[name]), name)


@pytest.mark.parametrize("name", REFUSED)
def test_refusal(visit, name):
    role, address, status = REFUSED[name]
    look(visit(role, address, status), name, status=status)


def test_a_form_that_is_too_old_is_refused_on_a_page(visit):
    tab = visit("administrator", "/customers/followup/calendar/")
    tab.eval_on_selector_all("[name=csrfmiddlewaretoken]", "all => all.forEach(x => x.value = 'x')")
    tab.context.clear_cookies(name="csrftoken")
    with tab.expect_navigation():
        tab.click("main button[type=submit]")
    look(tab, "too old", status=403)


@pytest.mark.parametrize("role", ["sales", "marketing", "read_only"])
def test_a_customer_and_the_list_for_whoever_may_less(visit, place, role):
    look(visit(role, LIST), role)
    look(visit(role, place["customer"]), role)
    tab = visit(role, place["customer"])
    tab.click("[role=tab]:has-text('Details')")
    look(tab, f"details for {role}")


@pytest.mark.parametrize("name", ["Details", "Contact points", "Addresses", "Sources", "History"])
def test_tab_of_a_customer(visit, place, name):
    tab = visit("administrator", place["customer"])
    tab.click(f"[role=tab]:has-text('{name}')")
    tab.wait_for_function("!document.querySelector('[aria-busy=true]')")
    look(tab, name)


def test_menus_of_a_customer(visit, place):
    tab = visit("administrator", place["customer"])
    for menu in (".summary-stage", ".summary-do .page-menu-more"):
        tab.eval_on_selector(menu, "menu => { menu.open = true; }")
        assert violations(tab) == []
    tab.click("[role=tab]:has-text('Contact points')")
    tab.click("text=Add a contact point")
    tab.wait_for_selector(".row-form")
    look(tab, "a contact point in its place")


def test_log_box_with_something_wrong(visit, place):
    tab = visit("administrator", place["customer"])
    tab.fill("[data-desk-log] [name=what]", "call back")
    tab.click("[data-desk-log] .desk-save")
    tab.wait_for_selector("[data-desk-log] .desk-problem")
    look(tab, "log box")


def test_details_with_something_wrong(visit, place):
    tab = visit("administrator", place["customer"])
    tab.click("[role=tab]:has-text('Details')")
    tab.fill("[name=email]", "nonsense")
    tab.click("#details button[name=_save]")
    tab.wait_for_selector("#details .errorlist, #details .errors")
    look(tab, "details")


def test_an_empty_customer_is_refused(visit):
    tab = visit("administrator", LIST + "add/")
    tab.click("button[name=_save]")
    tab.wait_for_load_state()
    look(tab, "adding")


@pytest.mark.parametrize("term", ["an", "qqqqqq"])
def test_search_result(visit, term):
    tab = visit("sales", LIST)
    tab.fill("#customer-term", term)
    tab.click(".customer-search button")
    tab.wait_for_selector(".customer-result")
    look(tab, term)


@pytest.mark.parametrize(
    "opened", [".page-filters", "summary:has-text('Columns')", "summary:has-text('Keep as a view')"]
)
def test_menu_of_the_list(visit, opened):
    tab = visit("administrator", LIST + "?country=DE")
    tab.click(opened)
    tab.wait_for_timeout(200)  # the sheet slides in
    assert violations(tab) == []


def test_a_saved_view(visit):
    tab = visit("sales", LIST + "?country=DE")
    tab.click("summary:has-text('Keep as a view')")
    tab.fill("#view-name", "Germans")
    tab.press("#view-name", "Enter")
    tab.wait_for_selector("nav.list-tabs a[aria-current]:has-text('Germans')")
    look(tab, "view")


@pytest.mark.parametrize("deed", ["add_tag", "remove_tag", "assign_owner", "set_stage", "export"])
def test_asking_before_many_are_changed(visit, deed):
    tab = visit("administrator", LIST)
    tab.locator(".action-select").first.check()
    values = tab.eval_on_selector_all("select[name=action] option", "all => all.map(o => o.value)")
    tab.select_option("select[name=action]", next(one for one in values if deed in one))
    assert violations(tab) == []
    tab.click("button[name=index]")
    tab.wait_for_selector("text=1 customer")
    look(tab, deed)


def test_two_versions_compared(visit, place):
    tab = visit("administrator", place["history"])
    for box in (0, 1):
        tab.locator("[name=compare]").nth(box).check()
    tab.click("button:has-text('Compare the two ticked')")
    tab.wait_for_selector(".history-compared")
    look(tab, "compared")


def test_an_upload_refused_and_one_with_its_columns(visit):
    tab = visit("administrator", "/customers/importbatch/add/")
    person = b"First name,E-mail,Phone,Shoe size\nann,a@b.example,0151 23456789,42\nBo,bad,,1\n"
    for content, answer in ((b"E-mail\n", ".import-problem"), (person, ".import-columns")):
        tab.fill("input[name=source]", "Fair")
        file = {"name": "people.csv", "mimeType": "text/csv", "buffer": content}
        tab.set_input_files("input[name=file]", file)
        tab.click("button[type=submit]:has-text('Upload')")
        tab.wait_for_selector(answer)
        look(tab, answer)


def test_finding_and_the_keys_from_any_page(visit):
    tab = visit("administrator", "/jobs/job/")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("an")
    tab.wait_for_selector("#find-dialog [role=option]")
    assert violations(tab) == []
    tab.keyboard.press("Escape")  # the suggestions
    tab.wait_for_selector("#find-dialog [role=option]", state="hidden")
    tab.keyboard.press("Escape")  # the dialog
    tab.wait_for_selector("#find-dialog", state="hidden")
    tab.keyboard.press("?")
    tab.wait_for_selector("#keys-dialog[open]")
    assert violations(tab) == []
