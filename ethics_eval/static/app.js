// Comforts for those whose browser runs scripts; every page does its work without.
"use strict";

const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// --- the switches of the head --------------------------------------------------------------------------------

for (const button of all("[data-switch]")) {
  const name = button.dataset.switch;
  const show = () => button.setAttribute("aria-pressed", String(window.preferences.isOn(name)));
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    window.preferences.turn(name, !window.preferences.isOn(name));
    show();
  });
}

// --- what was refused: read first, and one step from its field -------------------------------------------------

document.getElementById("error-summary")?.focus();

for (const link of all(".error-summary a[href^='#']")) {
  link.addEventListener("click", (event) => {
    const field = document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.closest("details")?.setAttribute("open", "");
    // the label and what is wrong with it are seen as well, not the control alone
    (field.closest(".form-group") ?? field).scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
  });
}

// --- how much may still be written ---------------------------------------------------------------------------

const ANNOUNCE_BELOW = 200; // a screen reader hears the count when it begins to matter

for (const count of all("[data-count]")) {
  const field = document.getElementById(count.dataset.count);
  const limit = Number(count.dataset.limit);
  if (!field || !limit) continue;
  count.hidden = false;
  const show = () => {
    const left = limit - field.value.length;
    const text = left < 0 ? count.dataset.over : count.dataset.text;
    count.textContent = text.replace("{count}", Math.abs(left).toLocaleString());
    count.toggleAttribute("data-wrong", left < 0);
    count.setAttribute("aria-live", left < ANNOUNCE_BELOW ? "polite" : "off");
  };
  show();
  field.addEventListener("input", show);
}

// --- the files chosen: their names and sizes, one more, one less -----------------------------------------------

const KB = 1024;
const MB = KB * KB;
const size = (bytes) => (bytes < MB ? `${Math.max(1, Math.round(bytes / KB))} KB` : `${(bytes / MB).toFixed(1)} MB`);
const sum = (files) => files.reduce((total, file) => total + file.size, 0);
const same = (one, other) =>
  one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;

for (const list of all("[data-files]")) {
  const input = document.getElementById(list.dataset.files);
  if (!input) continue;
  let chosen = [];

  const give = (files) => {
    const parcel = new DataTransfer();
    for (const file of files) parcel.items.add(file);
    input.files = parcel.files;
  };
  const show = () => {
    list.hidden = chosen.length === 0;
    list.replaceChildren(...chosen.map(row), ...(chosen.length > 1 ? [total()] : []));
  };
  const row = (file) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const bytes = document.createElement("span");
    const remove = document.createElement("button");
    name.className = "file-name";
    name.textContent = file.name;
    bytes.className = "file-size";
    bytes.textContent = size(file.size);
    remove.type = "button";
    remove.className = "btn btn-link";
    remove.textContent = list.dataset.remove;
    remove.setAttribute("aria-label", `${list.dataset.remove} ${file.name}`);
    remove.addEventListener("click", () => {
      chosen = chosen.filter((other) => other !== file);
      give(chosen);
      show();
      input.focus();
    });
    item.append(name, bytes, remove);
    return item;
  };
  const total = () => {
    const item = document.createElement("li");
    item.className = "file-total";
    item.textContent = list.dataset.total.replace("{count}", chosen.length).replace("{size}", size(sum(chosen)));
    return item;
  };

  // a second choice adds to the first: phones offer the camera for one picture at a time
  const take = () => {
    const fresh = [...input.files];
    if (input.multiple) {
      chosen = [...chosen, ...fresh.filter((file) => !chosen.some((other) => same(file, other)))];
      try { give(chosen); } catch { chosen = fresh; }
    } else {
      chosen = fresh;
    }
    show();
  };
  const button = input.parentElement.querySelector(".file-button");
  if (button) {
    button.hidden = false;
    input.classList.add("is-replaced");
  }
  input.addEventListener("change", take);
  if (input.files.length) take();
}

// --- sending: seen, and once -----------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target;
  // htmx sends by itself, and a download leaves the page as it is
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-download")) return;
  if (form.hasAttribute("data-is-sending")) {
    event.preventDefault();
    return;
  }
  form.setAttribute("data-is-sending", "");
  const button = event.submitter;
  if (!button?.dataset.sending) return;
  button.dataset.label = button.textContent;
  button.textContent = button.dataset.sending;
  button.setAttribute("aria-disabled", "true");
});

// the page comes back from the browser's memory as it was left
window.addEventListener("pageshow", () => {
  for (const form of all("form[data-is-sending]")) form.removeAttribute("data-is-sending");
  for (const button of all("[data-sending][data-label]")) {
    button.textContent = button.dataset.label;
    button.removeAttribute("aria-disabled");
    delete button.dataset.label;
  }
});

// --- nobody who stays unnamed is asked for a name -----------------------------------------------------------------

for (const group of all(".named-only")) {
  const choices = all("input[name='identity']", group.closest("form") ?? document);
  const show = () => {
    group.hidden = choices.some((choice) => choice.checked && choice.value === "anonymous");
  };
  for (const choice of choices) choice.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
}

// --- copying and printing ------------------------------------------------------------------------------------

const copy = async (source) => {
  const text = source.dataset.receipt ?? source.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // the clipboard is closed to pages that come without encryption
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy");
  }
};

for (const button of all("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.querySelector("span") ?? button;
  if (!source) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    label.textContent = (await copy(source)) ? button.dataset.copied : button.dataset.failed;
  });
}

for (const button of all("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// --- a question before a step that cannot be taken back ----------------------------------------------------------

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
}, true);
