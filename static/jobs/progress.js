/* Keeps the page of a running job fresh. All words come from the server; when the job has ended the
   page is loaded once more, which then shows its result. */
(() => {
  "use strict";
  const page = document.getElementById("job");
  if (!page || !page.dataset.url) return;

  const bar = document.getElementById("job-bar");
  const fill = document.getElementById("job-fill");
  const EVERY = 1000;
  const AT_MOST = 15000;
  let pause = EVERY;
  let timer = 0;
  let asking = false;

  const write = (name, text) => {
    const part = page.querySelector(`[data-part="${name}"]`);
    if (part && part.textContent !== text) part.textContent = text;
  };

  const show = (job) => {
    for (const name of ["state_label", "count", "rate", "left", "message", "note"]) {
      write(name, job[name]);
    }
    const known = job.percent !== null;
    write("percent_text", known ? `${job.percent} %` : "");
    fill.setAttribute("width", known ? job.percent : 0);
    if (known) bar.setAttribute("aria-valuenow", job.percent);
    bar.classList.toggle("job-bar-unknown", !known && job.state === "running");
    if (job.state !== page.dataset.state) {
      page.querySelector(".job-badge").className = `job-badge job-${job.state}`;
      page.dataset.state = job.state;
    }
  };

  const ask = async () => {
    window.clearTimeout(timer);
    if (asking || document.hidden) return;  // asked again when the page is looked at
    asking = true;
    try {
      const answer = await fetch(page.dataset.url, {
        headers: { Accept: "application/json" },
        credentials: "same-origin",
      });
      if (answer.redirected || answer.status === 403 || answer.status === 404) {
        window.location.reload();  // signed out, or no longer ours to see: the server says which
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const job = await answer.json();
      show(job);
      if (job.finished) {
        window.location.reload();
        return;
      }
      pause = EVERY;
    } catch {
      write("note", page.dataset.lost);
      pause = Math.min(pause * 2, AT_MOST);
    } finally {
      asking = false;
    }
    timer = window.setTimeout(ask, pause);
  };

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask();
  });
  timer = window.setTimeout(ask, EVERY);
})();
