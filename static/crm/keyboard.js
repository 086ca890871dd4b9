/* Some of the theme's controls listen to the mouse alone: tabs of a form, the account menu, filters.
   Here they become buttons, for keys and for screen readers. Icons are drawn from words ("menu",
   "add") that nobody should hear. */
(() => {
  "use strict";
  const NATIVE = "a[href], button, input, select, textarea, label, option";
  const CLICKED = "[x-on\\:click]";

  const wake = (element) => {
    if (element.matches(NATIVE) || !element.textContent.trim()) return;
    element.tabIndex = 0;
    element.setAttribute("role", "button");
  };

  for (const icon of document.querySelectorAll(".material-symbols-outlined")) {
    if (!icon.matches(CLICKED)) icon.setAttribute("aria-hidden", "true");
  }
  document.querySelectorAll(CLICKED).forEach(wake);
  document.addEventListener("keydown", (event) => {
    const pressed = event.key === "Enter" || event.key === " ";
    if (!pressed || !event.target.matches(`[role="button"]${CLICKED}`)) return;
    event.preventDefault();
    event.target.click();
  });
})();
