/* Some of the theme's controls listen to the mouse alone: tabs of a form, the account menu.
   Here they become buttons, for keys and for screen readers. Its icons are drawn from words
   ("more_vert") that nobody should hear; what is nothing but an icon gets a name. */
(() => {
  "use strict";
  const NATIVE = "a[href], button, input, select, textarea, label, option";
  const CLICKED = "[x-on\\:click]";
  const ICON = ".material-symbols-outlined";
  const { more, home, search, menu } = document.currentScript.dataset;
  const NAMES = { more_vert: more, more_horiz: more, search };

  const wake = (element) => {
    if (element.matches(NATIVE) || !element.textContent.trim()) return;
    element.tabIndex = 0;
    element.setAttribute("role", "button");
  };

  const name = (icon) => {
    const control = icon.closest("a, button, [role=button]");
    const drawn = icon.textContent.trim();
    if (!control || control.ariaLabel || control.textContent.trim() !== drawn) return;
    const said = NAMES[drawn] || control.title || (control.getAttribute("href") === "/" && home);
    if (said) control.setAttribute("aria-label", said);
  };

  document.querySelectorAll(CLICKED).forEach(wake);
  for (const icon of document.querySelectorAll(ICON)) {
    name(icon);
    if (!icon.matches(CLICKED)) icon.setAttribute("aria-hidden", "true");
  }
  document.getElementById("nav-sidebar-inner")?.setAttribute("aria-label", menu);
  window.addEventListener("load", () => {
    const list = document.querySelector("#result_list")?.closest(".simplebar-content-wrapper");
    list?.setAttribute("aria-label", document.querySelector("h1").textContent.trim());
  });
  document.addEventListener("keydown", (event) => {
    const pressed = event.key === "Enter" || event.key === " ";
    if (!pressed || !event.target.matches(`[role="button"]${CLICKED}`)) return;
    event.preventDefault();
    event.target.click();
  });
})();
