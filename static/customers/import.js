/* Conveniences of the import pages; everything works without them. */
(() => {
  "use strict";

  const prepareUpload = (form) => {
    const drop = form.querySelector("[data-drop]");
    const input = drop.querySelector("input[type=file]");
    const note = drop.querySelector("[data-file-note]");
    const bar = drop.querySelector("[data-progress]");
    const button = form.querySelector("button[type=submit]");
    const limit = Number(form.dataset.limit) * 1024 * 1024;
    const here = window.location.href.split("#")[0];

    const look = () => {
      const file = input.files[0];
      const tooLarge = file && file.size > limit;
      note.textContent = tooLarge ? form.dataset.tooLarge : "";
      input.setCustomValidity(tooLarge ? form.dataset.tooLarge : "");
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

    const busy = (is) => {
      button.disabled = is; // a second click would upload the file a second time
      bar.hidden = !is;
      bar.removeAttribute("value");
    };
    const show = (answer) => {
      if (answer.responseURL !== here) {
        window.location.assign(answer.responseURL);
        return;
      }
      const page = new DOMParser().parseFromString(answer.responseText, "text/html");
      const refused = page.querySelector("form[data-upload]");
      if (refused) {
        form.replaceWith(refused);
        prepareUpload(refused);
        refused.querySelector(".import-problem")?.scrollIntoView({ block: "nearest" });
      } else {
        document.documentElement.replaceWith(page.documentElement); // a page of its own says why
      }
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const sending = new XMLHttpRequest();
      sending.open("POST", here);
      sending.upload.addEventListener("progress", (sent) => {
        if (sent.lengthComputable) bar.value = (100 * sent.loaded) / sent.total;
      });
      sending.addEventListener("load", () => show(sending));
      sending.addEventListener("error", () => {
        busy(false);
        note.textContent = form.dataset.lost;
      });
      sending.send(new FormData(form));
      busy(true);
      note.textContent = form.dataset.sending;
    });
    // Coming back with the browser's button must not find the button still disabled.
    window.addEventListener("pageshow", () => busy(false));
  };
  const upload = document.querySelector("form[data-upload]");
  if (upload) prepareUpload(upload);

  const columns = document.querySelector("form[data-columns]");
  if (columns) {
    const KEY = "import-scroll";
    columns.addEventListener("change", (event) => {
      const name = event.target.name || "";
      if (!name.startsWith("column-") && !event.target.hasAttribute("data-again")) return;
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
