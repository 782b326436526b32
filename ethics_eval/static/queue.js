// The keyboard of a queue: j and k move, Enter opens, x ticks, / searches, ? explains. Works on the list htmx swaps in.
"use strict";

const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
const rows = () => [...document.querySelectorAll("#queue tr[data-row]")];
const linkOf = (row) => row?.querySelector("td a");
const rowOf = (element) => element?.closest?.("tr[data-row]") ?? null;

const move = (step) => {
  const list = rows();
  if (!list.length) return;
  const at = list.indexOf(rowOf(document.activeElement));
  const next = at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + step, 0), list.length - 1);
  linkOf(list[next])?.focus();
  list[next].scrollIntoView({ block: "nearest" });
};

const showTicked = () => {
  const count = document.querySelectorAll("#queue input[name=numbers]:checked").length;
  const words = document.querySelector("[data-ticked]");
  if (words) words.textContent = words.dataset.ticked.replace("{count}", count);
  const every = document.querySelector("[data-tick-all]");
  if (!every) return;
  every.checked = count > 0 && count === rows().length;
  every.indeterminate = count > 0 && count < rows().length;
};

const help = () => {
  const dialog = document.getElementById("key-help");
  if (dialog && !dialog.open) dialog.showModal();
};

const prepare = () => {
  for (const hidden of document.querySelectorAll("[data-help], [data-tick-all]")) hidden.hidden = false;
  showTicked();
};

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => rowOf(document.activeElement)?.querySelector("input[name=numbers]")?.click(),
  "/": () => document.getElementById("words")?.focus(),
  "?": help,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.(TYPING) || event.target.closest?.("dialog")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-help]")) help();
});

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-tick-all]")) {
    for (const box of document.querySelectorAll("#queue input[name=numbers]")) box.checked = event.target.checked;
  }
  if (event.target.matches?.("[data-tick-all], input[name=numbers]")) showTicked();
});

document.addEventListener("htmx:afterSettle", prepare);
window.addEventListener("pageshow", prepare);
prepare();
