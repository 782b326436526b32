// The public form's gate: the browser proves by a little work that a person is likely behind it. Where it cannot
// (no encryption, no worker, no signal) the question in words stays, which needs no script at all.

const gate = document.querySelector("[data-gate]");
const form = gate.closest("form");

// --- how many opened the page, how many began: counted once a tab, nothing of whoever it was ----------------------

const tell = (step) => {
  const mark = `seen:${gate.dataset.seen}:${step}`;
  try {
    if (sessionStorage.getItem(mark)) return;
    sessionStorage.setItem(mark, "1");
  } catch { /* no storage: it may be counted twice */ }
  const data = new FormData();
  data.append("csrf_token", form.elements.csrf_token.value);
  data.append("step", step);
  navigator.sendBeacon?.(gate.dataset.seen, data);
};

tell("opened");
form.addEventListener("input", () => tell("began"), { once: true });

// --- the work -----------------------------------------------------------------------------------------------------

const widget = gate.querySelector("altcha-widget");

const prepare = async () => {
  const work = gate.querySelector(".gate-work");
  const texts = JSON.parse(widget.dataset.texts);
  let state = "unverified";
  let waiting = null; // the button whose sending waits for the work

  await import("./vendor/altcha-3.2.2.min.js");
  const { $altcha } = globalThis;
  const language = document.documentElement.lang.toLowerCase();
  $altcha.i18n.set(language, { ...$altcha.i18n.get("en"), ...texts });
  $altcha.algorithms.set("PBKDF2/SHA-256", () => new Worker(widget.dataset.worker));

  const show = (byWork) => {
    gate.toggleAttribute("data-working", byWork);
    work.hidden = !byWork;
  };
  const isRefused = () => gate.querySelector(".gate-question [data-wrong]") !== null;

  widget.configure({
    challenge: widget.dataset.challenge,
    hideFooter: true,
    hideLogo: true,
    humanInteractionSignature: false,
    minDuration: 0,
    language,
  });
  // after a refusal the question is asked: whoever cannot do the work gets through all the same
  show(!isRefused());
  new MutationObserver(() => { if (isRefused()) { show(false); widget.reset(); } }).observe(gate, { childList: true, subtree: true });

  const begin = () => { if (state === "unverified" || state === "expired" || state === "error") widget.verify(); };
  const goOn = () => {
    const button = waiting;
    waiting = null;
    if (button) form.requestSubmit(button);
  };

  widget.addEventListener("statechange", ({ detail }) => {
    state = detail.state;
    if (state === "expired") begin();
    if (state === "error") show(false);
    if (state === "verified" && !isRefused()) show(true);
    if (state === "verified" || state === "error") goOn();
  });
  form.addEventListener("focusin", () => { if (state === "unverified") begin(); });
  if (form.contains(document.activeElement)) begin(); // writing began while the work's script was on its way
  window.addEventListener("online", () => { if (state === "error") begin(); });

  // sent before the work is done: it waits, and goes out by itself
  document.addEventListener("submit", (event) => {
    if (event.target !== form || !gate.hasAttribute("data-working") || event.submitter?.hasAttribute("formaction")) return;
    if (state === "verified") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = event.submitter;
    begin();
  }, true);
};

if (widget && window.isSecureContext && globalThis.crypto?.subtle && window.Worker) {
  prepare().catch(() => { gate.removeAttribute("data-working"); });
}
