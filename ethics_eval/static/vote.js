/* The ballot: how far one is, and what was filled in kept on the server as one goes on. Without it all works as well. */
"use strict";

(() => {
  const form = document.querySelector("form[data-vote]");
  if (!form) return;
  const progress = form.querySelector("[data-progress]");
  const teachers = [...form.querySelectorAll(".vote-teacher")];

  const isDone = (teacher) => {
    const unknown = teacher.querySelector("[data-abstain]");
    if (unknown && unknown.checked) return true;
    return [...teacher.querySelectorAll(".vote-item")].every((item) => item.querySelector("input:checked"));
  };

  const show = () => {
    let done = 0;
    for (const teacher of teachers) {
      const whole = isDone(teacher);
      teacher.toggleAttribute("data-done", whole);
      done += whole ? 1 : 0;
    }
    progress.textContent = progress.dataset.progress.replace("{done}", done).replace("{count}", teachers.length);
  };

  let changed = false;
  let sending = false;
  const keep = () => {
    if (!changed || sending) return;
    changed = false;
    const body = new URLSearchParams(new FormData(form));
    body.set("action", "save");
    // a beacon in all but name: it may outlive the page, and its answer is not needed
    fetch(form.action, {
      method: "POST",
      body,
      keepalive: true,
      redirect: "manual",
      headers: { "X-Requested-With": "fetch" },
    }).catch(() => {
      changed = true;
    });
  };

  form.addEventListener("change", () => {
    changed = true;
    show();
  });
  form.addEventListener("input", () => {
    changed = true;
  });
  form.addEventListener("submit", () => {
    sending = true;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keep();
  });
  setInterval(keep, 30_000);
  show();
})();
