/* The theme hides a page until its script has run, and a browser gives the focus to nothing that
   is hidden: the first box to type in gets it once it is seen. */
(() => {
  "use strict";
  const page = document.documentElement;
  const wanted = document.querySelector("[autofocus]");
  const focus = () => {
    if (document.activeElement === document.body || !document.activeElement) wanted.focus();
  };
  if (!wanted) return;
  const seen = new MutationObserver(() => {
    if (page.hasAttribute("x-cloak")) return;
    seen.disconnect();
    focus();
  });
  if (page.hasAttribute("x-cloak")) seen.observe(page, { attributeFilter: ["x-cloak"] });
  else focus();
})();
