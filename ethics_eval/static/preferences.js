// The visitor's choice of letter size and of light or dark, before the first line is drawn. Kept in this browser only.
// And the mark that scripts run here.
"use strict";

window.preferences = (() => {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  // private windows and some embedded browsers refuse storage: the choice then lasts for the page
  const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const keep = (key, value) => { try { localStorage.setItem(key, value); } catch { /* see above */ } };

  const dark = () => (recall("theme") ? recall("theme") === "dark" : system.matches);
  const show = {
    dark: (on) => root.setAttribute("data-bs-theme", on ? "dark" : "light"),
    "large-text": (on) => root.toggleAttribute("data-large-text", on),
  };
  const read = {
    dark: () => root.getAttribute("data-bs-theme") === "dark",
    "large-text": () => root.hasAttribute("data-large-text"),
  };

  show.dark(dark());
  show["large-text"](recall("large-text") === "on");
  system.addEventListener?.("change", () => show.dark(dark()));

  // long forms show their first step until their own script takes over; without it, all of the form
  root.setAttribute("data-scripts", "");
  window.addEventListener("error", () => root.removeAttribute("data-scripts"), true);

  return {
    isOn: (name) => read[name](),
    turn(name, on) {
      show[name](on);
      if (name === "dark") keep("theme", on ? "dark" : "light");
      else keep(name, on ? "on" : "off");
    },
  };
})();
