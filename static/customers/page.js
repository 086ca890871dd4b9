/* The page of one customer: tabs that live in the address, rows that are changed in their place,
   copying, and keys. Without this file all parts stand one under the other, and each form is a
   page of its own. */
(() => {
  "use strict";
  const root = document.documentElement;
  const { copied } = document.currentScript.dataset;
  root.classList.add("has-tabs");
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const tabs = () => all(".customer-tabs [data-tab]");
  const named = (tab) => tab.getAttribute("href").slice(1);

  /* What takes long to find out is fetched when its tab is opened; if that fails its link stays. */
  const load = async (panel) => {
    for (const place of all("[data-load]", panel)) {
      const address = place.dataset.load;
      delete place.dataset.load;
      place.setAttribute("aria-busy", "true");
      const page = await fetched(address).catch(() => null);
      const found = page && one(`.${place.className}`, page);
      if (found) place.replaceChildren(...found.childNodes);
      place.removeAttribute("aria-busy");
    }
  };

  /* Tabs ------------------------------------------------------------------------------------ */
  const show = (name) => {
    const wanted = tabs().find((tab) => named(tab) === name);
    if (!wanted) return false;
    for (const tab of tabs()) {
      const here = tab === wanted;
      tab.setAttribute("aria-selected", here);
      tab.tabIndex = here ? 0 : -1;
      document.getElementById(named(tab)).classList.toggle("customer-panel-shown", here);
    }
    load(document.getElementById(name));
    const strip = wanted.parentElement;
    strip.scrollLeft = wanted.offsetLeft - strip.offsetLeft - (strip.clientWidth - wanted.offsetWidth) / 2;
    return true;
  };

  const go = (name) => {
    if (!show(name)) return;
    history.replaceState(history.state, "", `#${name}`);
  };

  const prepare = () => {
    const strip = one(".customer-tabs");
    if (!strip) return;
    strip.setAttribute("role", "tablist");
    for (const tab of tabs()) {
      const panel = document.getElementById(named(tab));
      tab.id = `tab-${named(tab)}`;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
    }
  };

  const start = () => {
    const page = one(".customer-page");
    if (!page) return;
    prepare();
    const wrong = one(".details-form .errors, .details-form .errorlist, .details-form .page-problem");
    if (wrong || !show(location.hash.slice(1))) show(page.dataset.start);
    if (window.matchMedia("(max-width: 40rem)").matches) {
      all(".details-section").slice(1).forEach((part) => {
        part.open = Boolean(one(".errorlist", part));
      });
    }
  };

  const focusOn = (id) => {
    const field = document.getElementById(id);
    field?.closest("details")?.setAttribute("open", "");
    field?.focus();
  };

  const stepTab = (event) => {
    const list = tabs();
    const now = list.indexOf(event.target);
    const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: list.length - 1 }[event.key];
    if (now < 0 || to === undefined) return;
    event.preventDefault();
    const next = list[(to + list.length) % list.length];
    go(named(next));
    next.focus();
  };

  /* Logging a call, following up: the box on top of the timeline. ------------------------------ */
  const logBox = () => one("#timeline textarea") || one("#timeline input:not([type=hidden])");
  const toLog = (wanted) => {
    go("timeline");
    const box = (wanted && one(`#timeline ${wanted}`)) || logBox();
    box?.closest("details")?.setAttribute("open", "");
    box?.focus();
  };

  /* Rows in their place ------------------------------------------------------------------------ */
  const fetched = async (address, options) => {
    const answer = await fetch(address, { credentials: "same-origin", ...options });
    if (!answer.ok) throw new Error(answer.status);
    const text = await answer.text();
    return new DOMParser().parseFromString(text, "text/html");
  };

  const openRow = async (link) => {
    const page = await fetched(link.href);
    const form = one(".row-form", page);
    if (!form) throw new Error("no form");
    closeRows();
    const place = link.closest(".reach") || link.closest(".panel-add");
    place.classList.add("reach-opened");
    if (place.matches(".reach")) place.append(form);
    else place.after(form);
    form.opener = link;
    one("select, input:not([type=hidden])", form)?.focus();
  };

  const closeRows = () => {
    all(".customer-page .row-form").forEach((form) => form.remove());
    all(".reach-opened").forEach((place) => place.classList.remove("reach-opened"));
  };

  /* The parts a saved row changed; what is being typed elsewhere on the page stays. */
  const refresh = (page, parts = [".customer-summary", "main [role=status]"]) => {
    for (const id of ["contact-points", "addresses", "history"]) {
      const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
      if (old && fresh) old.replaceChildren(...fresh.childNodes);
    }
    for (const part of parts) {
      const [old, fresh] = [one(part), one(part, page)];
      if (old && fresh) old.replaceChildren(...fresh.childNodes);
    }
    tabs().forEach((tab) => {
      const fresh = one(`.customer-tabs [href="#${named(tab)}"]`, page);
      if (fresh) tab.replaceChildren(...fresh.childNodes);
    });
  };

  const send = async (form, button) => {
    const body = new FormData(form);
    if (button?.name) body.append(button.name, button.value);
    const page = await fetched(button?.getAttribute("formaction") || form.action, { method: "POST", body });
    if (one(".customer-page", page)) {
      refresh(page);
      // Whoever had asked for all of the rows sees all of them still.
      if (location.search) refresh(await fetched(location.pathname + location.search), []);
      return;
    }
    const again = one(".row-form", page);
    if (!again) throw new Error("no form");
    form.replaceChildren(...again.childNodes);
    form.action = again.getAttribute("action");
    (one("[aria-invalid=true]", form) || one(".row-field-wrong input, .row-field-wrong select", form) || one("[role=alert]", form))?.focus();
  };

  /* Copying and menus -------------------------------------------------------------------------- */
  const say = (words) => {
    const note = document.createElement("p");
    note.className = "copied";
    note.setAttribute("role", "status");
    note.textContent = words;
    document.body.append(note);
    setTimeout(() => note.remove(), 2000);
  };

  const copy = async (text) => {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else {
      const box = document.createElement("textarea");
      box.value = text;
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    say(copied);
  };

  const closeMenus = (but) => all(".page-menu-more[open]").forEach((menu) => {
    if (!menu.contains(but)) menu.open = false;
  });

  document.addEventListener("click", (event) => {
    closeMenus(event.target);
    const link = event.target.closest?.("a, button");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (link.matches("[data-tab]")) {
      event.preventDefault();
      go(named(link));
    } else if (link.matches("[data-copy]")) {
      copy(link.dataset.copy);
    } else if (link.matches("[data-log], [data-follow-up]")) {
      event.preventDefault();
      toLog(link.matches("[data-follow-up]") ? "input[name=what]" : "");
    } else if (link.matches("[data-focus]")) {
      event.preventDefault();
      go("details");
      focusOn(link.dataset.focus);
    } else if (link.matches("[data-row-open]")) {
      event.preventDefault();
      openRow(link).catch(() => { location.href = link.href; });
    } else if (link.matches(".customer-page [data-cancel]")) {
      event.preventDefault();
      const opener = link.closest(".row-form").opener;
      closeRows();
      opener?.focus();
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (!form.matches(".customer-page [data-row-form]") || button?.matches("[data-whole-page]")) return;
    event.preventDefault();
    if (form.sending) return;
    form.sending = true;
    closeMenus();
    send(form, button)
      .catch(() => location.reload())
      .finally(() => { form.sending = false; });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = one(".page-menu-more[open]");
      if (menu) {
        menu.open = false;
        one("summary", menu).focus();
      }
    }
    if (event.target.matches?.("[data-tab]")) stepTab(event);
    const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "l" && one("[data-log]")) {
      event.preventDefault();
      toLog();
    }
  });

  window.addEventListener("hashchange", () => show(location.hash.slice(1)));
  document.addEventListener("DOMContentLoaded", start);
})();
