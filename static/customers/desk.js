// The desk without waiting: the box saves in place and keeps its text whatever happens, older
// entries are added below. Without this script both are a plain form and a plain link.
(() => {
  "use strict";

  const fetched = { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" };
  const typed = (form) => [...form.querySelectorAll("textarea, input[type=text]")].some((field) => field.value !== field.defaultValue);
  let leaving = false;

  const complain = (form, text) => {
    let place = form.querySelector("[data-desk-unreachable]");
    if (!place) {
      place = document.createElement("p");
      place.className = "desk-problem";
      place.setAttribute("role", "alert");
      place.dataset.deskUnreachable = "";
      form.prepend(place);
    }
    place.textContent = text;
  };

  const goTo = (url) => {
    leaving = true;
    const there = new URL(url, location.href);
    if (there.pathname === location.pathname) location.reload();
    else location.assign(there);
  };

  const save = async (form) => {
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    const button = form.querySelector(".desk-save");
    button.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { ...fetched, method: "POST", body: new FormData(form) });
      const onward = answer.headers.get("X-Go-To");
      if (onward) return goTo(onward);
      const html = await answer.text();
      const box = new DOMParser().parseFromString(html, "text/html").querySelector("[data-desk-log]");
      // Anything but our box (a proxy's error page) leaves what was typed where it stands.
      if (!box) throw new Error(String(answer.status));
      const unreachable = form.dataset.unreachable;
      form.replaceWith(box);
      if (!box.dataset.unreachable) box.dataset.unreachable = unreachable;
      const wrong = box.querySelector(".desk-problem");
      const field = wrong && wrong.parentElement.querySelector("textarea, input:not([type=hidden])");
      (field || box.querySelector("textarea")).focus();
    } catch {
      complain(form, form.dataset.unreachable);
    } finally {
      delete form.dataset.busy;
      button.removeAttribute("aria-busy");
    }
  };

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-desk-log]")) return;
    event.preventDefault();
    save(event.target);
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest && event.target.closest("[data-desk-log]");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  // A day that is picked is what was meant by "when".
  document.addEventListener("input", (event) => {
    if (event.target.name !== "day" || !event.target.value) return;
    const pick = event.target.form && event.target.form.querySelector("input[name=when][value=pick]");
    if (pick) pick.checked = true;
  });

  const older = async (link) => {
    const section = link.closest("[data-desk-timeline]");
    link.setAttribute("aria-busy", "true");
    const answer = await fetch(link.href, fetched);
    const more = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-desk-timeline]");
    if (!answer.ok || !more) return location.assign(link.href);
    const place = link.closest(".desk-older");
    const last = [...section.querySelectorAll("[data-day]")].pop();
    const first = more.querySelector("[data-day]");
    const next = more.querySelector(".desk-older");
    const focus = first && first.querySelector("li");
    if (last && first && last.dataset.day === first.dataset.day) {
      last.querySelector("ol").append(...first.querySelectorAll("li.desk-entry"));
      first.remove();
    }
    place.before(...more.querySelectorAll("[data-day]"));
    if (next) place.replaceWith(next);
    else place.remove();
    if (focus) {
      focus.tabIndex = -1;
      focus.focus({ preventScroll: true });
    }
  };

  const narrow = async (link) => {
    const section = link.closest("[data-desk-timeline]");
    const answer = await fetch(link.href, fetched);
    const other = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-desk-timeline]");
    if (!answer.ok || !other) return location.assign(link.href);
    section.replaceWith(other);
    const now = other.querySelector("[aria-current]");
    if (now) now.focus({ preventScroll: true });
  };

  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("a[data-desk-older], .desk-kinds-of a");
    if (!link) return;
    event.preventDefault();
    (link.matches("[data-desk-older]") ? older(link) : narrow(link)).catch(() => location.assign(link.href));
  });

  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-desk-select]")) event.target.select();
  });

  window.addEventListener("beforeunload", (event) => {
    if (!leaving && [...document.querySelectorAll("[data-desk-log]")].some(typed)) event.preventDefault();
  });
})();
