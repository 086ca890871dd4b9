/* Suggestions under a text box while one types (a combobox with a list, as ARIA describes it).

   Any input with data-suggest="customer|tag|city" gets them; what is typed goes in the body of a
   POST, never into an address. data-suggest-open: choosing opens the customer's page instead of
   filling the box. data-suggest-several: the box holds several words, separated by commas.
   What the server says of its answer is read out.
   Without this script the box is the plain text box it is. */
(() => {
  "use strict";
  const WAIT = 140;
  let made = 0;

  class Box {
    constructor(input) {
      this.input = input;
      this.several = "suggestSeveral" in input.dataset;
      this.opens = "suggestOpen" in input.dataset;
      this.options = [];
      this.active = -1;
      this.build();
      this.listen();
    }

    build() {
      const id = `suggest-${(made += 1)}`;
      this.frame = document.createElement("span");
      this.frame.className = "suggest";
      this.input.before(this.frame);
      this.frame.append(this.input);
      this.list = document.createElement("ul");
      this.list.id = id;
      this.list.className = "suggest-list";
      this.list.setAttribute("role", "listbox");
      this.list.setAttribute("aria-label", this.input.labels?.[0]?.textContent.trim() || this.input.getAttribute("aria-label") || "");
      this.list.hidden = true;
      this.said = document.createElement("span");
      this.said.className = "suggest-said";
      this.said.setAttribute("role", "status");
      this.frame.append(this.list, this.said);
      const states = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, autocomplete: "off", autocapitalize: "off" };
      for (const [name, value] of Object.entries(states)) this.input.setAttribute(name, value);
    }

    listen() {
      this.input.addEventListener("input", (event) => {
        if (!event.isComposing) this.later();
      });
      // A word composed of several keys (pinyin) is asked for once it stands there.
      this.input.addEventListener("compositionend", () => this.later());
      this.input.addEventListener("keydown", (event) => this.key(event));
      this.input.addEventListener("blur", () => this.close());
      this.list.addEventListener("mousedown", (event) => event.preventDefault());
      this.list.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) this.choose([...this.list.children].indexOf(option), event);
      });
    }

    term() {
      const text = this.input.value;
      return (this.several ? text.slice(text.lastIndexOf(",") + 1) : text).trim();
    }

    later() {
      clearTimeout(this.timer);
      this.question?.abort();
      if (!this.term()) return this.close();
      this.timer = setTimeout(() => this.ask(), WAIT);
    }

    async ask() {
      const { suggest, suggestKind, suggestUrl } = this.input.dataset;
      const body = new URLSearchParams({ term: this.term(), what: suggest, kind: suggestKind || "" });
      const token = (this.input.form || document).querySelector("[name=csrfmiddlewaretoken]") || document.querySelector("[name=csrfmiddlewaretoken]");
      this.question = new AbortController();
      try {
        const response = await fetch(suggestUrl, {
          method: "POST", body, signal: this.question.signal, credentials: "same-origin", cache: "no-store", redirect: "error",
          headers: { "X-CSRFToken": token ? token.value : "" },
        });
        const answer = await response.json();
        if (answer.problem) return this.tell(answer.problem);
        if (document.activeElement === this.input) this.show(answer);
      } catch (problem) {
        if (problem.name !== "AbortError") this.tell(this.input.dataset.suggestFailed || "");
      }
    }

    show({ found, said }) {
      this.options = found;
      this.active = -1;
      this.list.replaceChildren(...found.map((one, place) => this.option(one, place)));
      this.expand(found.length > 0);
      this.say(said, found.length === 0);
    }

    option(one, place) {
      const option = document.createElement("li");
      option.id = `${this.list.id}-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const name = document.createElement("span");
      name.textContent = one.name || one.value;
      option.append(name);
      if (one.number) {
        const detail = document.createElement("small");
        detail.textContent = [one.number, one.detail].filter(Boolean).join(" · ");
        option.append(detail);
      }
      return option;
    }

    key(event) {
      const open = !this.list.hidden;
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open) return this.term() ? this.ask() : undefined;
        const step = event.key === "ArrowDown" ? 1 : -1;
        const places = this.options.length + 1; // one of them is the box itself
        this.mark(((this.active + 1 + step + places) % places) - 1);
      } else if (event.key === "Enter" && open && this.active >= 0) {
        event.preventDefault();
        this.choose(this.active, event);
      } else if (event.key === "Escape" && open) {
        event.preventDefault();
        event.stopPropagation();
        this.close();
      } else if (event.key === "Tab" && open) {
        if (this.active >= 0 && !this.opens) this.choose(this.active, event);
        this.close();
      }
    }

    mark(place) {
      this.active = place;
      [...this.list.children].forEach((option, at) => {
        option.setAttribute("aria-selected", String(at === place));
        if (at === place) option.scrollIntoView({ block: "nearest" });
      });
      if (place < 0) this.input.removeAttribute("aria-activedescendant");
      else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${place}`);
    }

    choose(place, event) {
      const one = this.options[place];
      if (!one) return;
      if (this.opens && one.url) {
        this.close();
        if (event.ctrlKey || event.metaKey) window.open(one.url, "_blank", "noopener");
        else window.location.assign(one.url);
        return;
      }
      const before = this.several ? this.input.value.slice(0, this.input.value.lastIndexOf(",") + 1) : "";
      this.input.value = `${before}${before ? " " : ""}${one.value}${this.several ? ", " : ""}`;
      this.close();
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
      this.input.focus();
    }

    expand(open) {
      this.list.hidden = !open;
      this.input.setAttribute("aria-expanded", String(open));
      if (!open) this.mark(-1);
    }

    tell(problem) {
      this.show({ found: [], said: problem });
    }

    say(text, visible = false) {
      this.said.textContent = text;
      this.said.classList.toggle("suggest-seen", visible && Boolean(text));
    }

    close() {
      clearTimeout(this.timer);
      this.question?.abort();
      this.expand(false);
      this.say("");
    }
  }

  const wake = (root) => {
    for (const input of root.querySelectorAll("input[data-suggest]:not([role=combobox])")) new Box(input);
  };
  window.wakeSuggestions = wake;
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => wake(document));
  else wake(document);
  // Rows that the page adds later (a further contact, a dialog) have boxes, too.
  document.addEventListener("formset:added", (event) => wake(event.target));
})();
