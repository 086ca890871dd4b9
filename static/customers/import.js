/* Conveniences of the import pages; everything works without them. */
(() => {
  "use strict";

  const upload = document.querySelector("form[data-upload]");
  if (upload) {
    const drop = upload.querySelector("[data-drop]");
    const input = drop.querySelector("input[type=file]");
    const note = drop.querySelector("[data-file-note]");
    const limit = Number(upload.dataset.limit) * 1024 * 1024;

    const look = () => {
      const file = input.files[0];
      const tooLarge = file && file.size > limit;
      note.textContent = tooLarge ? upload.dataset.tooLarge : "";
      input.setCustomValidity(tooLarge ? upload.dataset.tooLarge : "");
    };
    input.addEventListener("change", look);
    for (const kind of ["dragenter", "dragover"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.add("import-over");
      });
    }
    drop.addEventListener("dragleave", () => drop.classList.remove("import-over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("import-over");
      if (event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        look();
      }
    });
    const button = upload.querySelector("button[type=submit]");
    const bar = upload.querySelector("[data-progress]");
    const here = window.location.href.split("#")[0];
    const failed = () => {
      note.textContent = upload.dataset.lost;
      bar.hidden = true;
      button.disabled = false;
    };
    upload.addEventListener("submit", (event) => {
      event.preventDefault();
      note.textContent = upload.dataset.sending;
      // A second click would upload the file a second time.
      button.disabled = true;
      bar.hidden = false;
      bar.removeAttribute("value");
      const sending = new XMLHttpRequest();
      sending.open("POST", here);
      sending.upload.addEventListener("progress", (sent) => {
        if (sent.lengthComputable) bar.value = (100 * sent.loaded) / sent.total;
      });
      sending.addEventListener("error", failed);
      sending.addEventListener("load", () => {
        if (sending.responseURL !== here) {
          window.location.assign(sending.responseURL);
          return;
        }
        // Refused, or not understood: what the server answered takes the place of this page.
        document.open();
        document.write(sending.responseText);
        document.close();
      });
      sending.send(new FormData(upload));
    });
    // Coming back with the browser's button must not find the button still disabled.
    window.addEventListener("pageshow", () => {
      button.disabled = false;
      bar.hidden = true;
    });
  }

  const columns = document.querySelector("form[data-columns]");
  if (columns) {
    const KEY = "import-scroll";
    columns.addEventListener("change", (event) => {
      if (!event.target.name || !event.target.name.startsWith("column-")) return;
      sessionStorage.setItem(KEY, String(window.scrollY));
      columns.requestSubmit(columns.querySelector("button[name=preview]"));
    });
    const kept = sessionStorage.getItem(KEY);
    if (kept !== null) {
      sessionStorage.removeItem(KEY);
      window.scrollTo(0, Number(kept));
    }
  }

  const review = document.querySelector("form[data-review]");
  if (review) {
    const BY_KEY = { u: "update", c: "create", s: "skip" };
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest("input, select, textarea")) return;
      const button = review.querySelector(`button[value="${BY_KEY[event.key] || "-"}"]`);
      if (button) button.focus();  // focused and not pressed: Enter decides
    });
  }
})();
