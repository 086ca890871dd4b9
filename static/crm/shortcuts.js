/* Keys for whoever would rather not reach for the mouse: / or Ctrl+K finds a customer from any
   page, ? lists the keys there are, g and a letter goes to a page. Never while somebody types. */
(() => {
  "use strict";
  const PATIENCE = 1500;
  const TYPED_IN = "input, textarea, select, [contenteditable=''], [contenteditable=true]";
  const find = document.getElementById("find-dialog");
  const help = document.getElementById("keys-dialog");
  const pages = new Map([...document.querySelectorAll("[data-keys]")].map((link) => [link.dataset.keys, link.href]));
  let waiting = 0;

  const seen = (box) => box.offsetParent !== null && !box.closest("dialog");
  const finding = () => {
    const box = [...document.querySelectorAll("[data-find], .customer-search input[name=term]")].find(seen);
    if (box) {
      box.focus();
      box.select();
      return true;
    }
    if (!find) return false;
    if (!find.open) find.showModal();
    find.querySelector("input[name=term]").focus();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key === "k") {
      if (finding()) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.target.closest?.(TYPED_IN)) return;
    if (document.querySelector("dialog[open]")) return;
    const goes = pages.get(key);
    if (Date.now() - waiting < PATIENCE && goes) {
      event.preventDefault();
      window.location.assign(goes);
    } else if (key === "/") {
      if (finding()) event.preventDefault();
    } else if (key === "?" && help) {
      event.preventDefault();
      help.showModal();
    }
    waiting = key === "g" ? Date.now() : 0;
  });
  document.querySelectorAll("[data-open-keys]").forEach((button) => button.addEventListener("click", () => help?.showModal()));
  // A search box would take the first Esc for itself.
  find?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    find.close();
  });
  // What was looked for does not wait there for the next person at this screen.
  find?.addEventListener("close", () => find.querySelector("form.find").reset());
})();
