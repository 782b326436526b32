// The receipt: what was kept of the draft is wiped, and the slip becomes a picture, made on this device alone.
"use strict";

(() => {
  const source = document.getElementById("slip");
  if (!source) return;
  const slip = JSON.parse(source.textContent);

  for (const [storage, key] of [["localStorage", `draft:${slip.mailbox}`], ["sessionStorage", `sent:${slip.mailbox}`]]) {
    try { window[storage].removeItem(key); } catch { /* nothing could be kept either */ }
  }

  const WIDTH = 720;
  const MARGIN = 48;
  const SANS = '"PingFang SC", "HarmonyOS Sans SC", "MiSans", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
  const MONO = '"SF Mono", Consolas, "DejaVu Sans Mono", monospace';
  const INK = "#1d2433";
  const SOFT = "#525c6e";
  const BLUE = "#1a4f9c";
  const QR_SIDE = 220;

  // Chinese breaks anywhere, an address between its parts, what is longer than a line where it must
  const lines = (pen, text, width) => {
    const found = [""];
    for (const word of text.match(/[\x21-\x7e]{1,24}|./gu) ?? []) {
      const longer = found.at(-1) + word;
      if (pen.measureText(longer).width <= width || !found.at(-1)) found[found.length - 1] = longer;
      else found.push(word.trimStart());
    }
    return found;
  };

  const picture = (svg) => new Promise((resolve) => {
    const copy = svg.cloneNode(true);
    copy.setAttribute("width", QR_SIDE);
    copy.setAttribute("height", QR_SIDE);
    const image = new Image();
    const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
    image.addEventListener("load", () => { URL.revokeObjectURL(url); resolve(image); });
    image.addEventListener("error", () => { URL.revokeObjectURL(url); resolve(null); });
    image.src = url;
  });

  const draw = async () => {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    const proof = document.getElementById("filing-slip");
    const drawn = proof?.querySelector("svg");
    const qr = drawn ? await picture(drawn) : null;
    const token = proof?.querySelector("[data-slip-text]")?.dataset.slipText;
    const said = token ? [slip.proof, token] : [];
    const put = [];
    let y = MARGIN;
    const write = (text, size, { colour = INK, font = SANS, weight = "", gap = 12 } = {}) => {
      pen.font = `${weight} ${size}px ${font}`;
      for (const line of lines(pen, text, WIDTH - 2 * MARGIN)) {
        y += Math.round(size * 1.35);
        put.push({ line, y, font: pen.font, colour });
      }
      y += gap;
    };
    write(slip.bureau, 26, { colour: SOFT, gap: 0 });
    write(slip.title, 44, { colour: BLUE, weight: "600", gap: 20 });
    write(slip.school, 34, { weight: "600" });
    write(slip.day, 28, { colour: SOFT, gap: 28 });
    write(slip.label, 28, { colour: SOFT, gap: 0 });
    const groups = slip.code.split("-");
    write(groups.slice(0, 2).join("  "), 68, { font: MONO, weight: "600", gap: 0 });
    write(groups.slice(2).join("  "), 68, { font: MONO, weight: "600", gap: 32 });
    for (const text of slip.how) write(text, 26, { gap: 4 });
    const cut = said.length || qr ? (y += 36) : 0;
    for (const text of said) write(text, 22, { colour: SOFT, gap: 4 });
    const qrTop = y + 12;
    canvas.width = WIDTH;
    canvas.height = y + MARGIN + (qr ? QR_SIDE + 12 : 0);
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = BLUE;
    pen.fillRect(0, 0, canvas.width, 12);
    for (const { line, y: at, font, colour } of put) {
      pen.font = font;
      pen.fillStyle = colour;
      pen.fillText(line, MARGIN, at);
    }
    if (cut) { // whoever shows the proof to others cuts the code off
      pen.strokeStyle = SOFT;
      pen.setLineDash([12, 10]);
      pen.beginPath();
      pen.moveTo(0, cut - 12);
      pen.lineTo(WIDTH, cut - 12);
      pen.stroke();
    }
    if (qr) pen.drawImage(qr, MARGIN, qrTop, QR_SIDE, QR_SIDE);
    return new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
  };

  const button = document.querySelector("[data-slip]");
  const frame = document.getElementById("slip-picture");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const url = URL.createObjectURL(await draw());
    const image = frame.querySelector("img") ?? document.createElement("img");
    image.alt = slip.picture;
    image.src = url;
    frame.append(image);
    frame.hidden = false; // some browsers save nothing by themselves: a long press on the picture does
    const link = document.createElement("a");
    link.href = url;
    link.download = slip.file;
    link.click();
    button.querySelector("span").textContent = slip.saved;
  });
})();
