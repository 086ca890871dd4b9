"""Somebody at work with a browser that runs no scripts: signs in, opens pages, sends forms."""

import re
from html.parser import HTMLParser

import requests

SECONDS = 60


class Forms(HTMLParser):
    """What a browser would send of each form of a page."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.values, self.select, self.area = [], None, None, None
        self.feed(text)

    def with_field(self, name):
        return next(form for form in self.forms if name in form)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        name = found.get("name")
        if tag == "form":
            self.values = {}
            self.forms.append(self.values)
        elif self.values is None:
            return
        elif tag == "input" and name and found.get("type") not in ("submit", "button", "file"):
            if found.get("type") not in ("checkbox", "radio") or "checked" in found:
                self.values[name] = found.get("value") or ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in found:
            self.values[self.select] = found.get("value") or ""
        elif tag == "textarea" and name:
            self.area = name
            self.values[name] = ""

    def handle_data(self, data):
        if self.area:
            self.values[self.area] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.values = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None


class Visitor:
    """Signed in to a running product as `name`."""

    def __init__(self, made, name, password):
        self.made = made
        self.web = requests.Session()
        token = Forms(self.get("/login/").text).with_field("username")["csrfmiddlewaretoken"]
        data = {"username": name, "password": password, "csrfmiddlewaretoken": token, "next": "/"}
        answer = self.web.post(
            f"{made.url}/login/", data, headers={"Referer": f"{made.url}/login/"}, timeout=SECONDS
        )
        assert answer.status_code == 200, "".join(made.output)
        assert "/login/" not in answer.url, words_of(answer.text)

    def get(self, path):
        return self.web.get(f"{self.made.url}{path}", timeout=SECONDS)

    def post(self, path, data):
        """The answer itself: where it sends the browser is not opened."""
        url = f"{self.made.url}{path}"
        data = {"csrfmiddlewaretoken": self.web.cookies.get("csrftoken", ""), **data}
        return self.web.post(
            url, data, headers={"Referer": url}, allow_redirects=False, timeout=SECONDS
        )


def words_of(text):
    """The words of a page, for the message of a test that failed."""
    return re.sub(r"<[^>]+>|\s+", " ", text)[:2000]
