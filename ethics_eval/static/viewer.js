// The keyboard of the viewer: arrows to the file before and after, Escape back to the case. A player keeps its own keys.
"use strict";

const WAYS = { ArrowLeft: "[data-previous]", ArrowRight: "[data-next]", Escape: "[data-close]" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest?.("audio, video, input, textarea, select")) return;
  const way = WAYS[event.key] && document.querySelector(WAYS[event.key]);
  if (!way) return;
  event.preventDefault();
  way.click();
});
