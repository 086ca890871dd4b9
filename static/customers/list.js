/* The list of customers: columns are moved up and down, and menus close like menus. */
"use strict";
(() => {
  document.querySelectorAll(".list-columns").forEach((list) => {
    list.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-move]");
      if (!button) return;
      const row = button.closest("li");
      const first = list.firstElementChild; // the name: it carries the link and stays
      if (button.dataset.move === "up" && row.previousElementSibling !== first) {
        row.previousElementSibling.before(row);
      } else if (button.dataset.move === "down" && row.nextElementSibling) {
        row.nextElementSibling.after(row);
      }
      button.focus();
    });
  });

  const menus = [...document.querySelectorAll("details[data-list-menu]")];
  document.addEventListener("click", (event) => {
    menus.forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menus.filter((menu) => menu.open).forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
})();
