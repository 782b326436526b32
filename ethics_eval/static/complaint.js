// The complaint form in short steps: a draft on this device, files looked at before they are sent, sending that
// survives a lost signal. Without this script the same form is one page and does the same work; the server is the judge.
"use strict";

(() => {
  const form = document.querySelector("form[data-complaint]");
  const source = document.getElementById("complaint-page");
  if (!form || !source) return;

  const page = JSON.parse(source.textContent);
  const { limits, texts } = page;
  const parts = [...form.querySelectorAll(".form-part")];
  const LAST = parts.length - 1;
  const EVIDENCE_STEP = 2;
  const spare = document.getElementById("complaint-parts").content;

  const say = (name, values = {}) => texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const make = (selector) => spare.querySelector(selector).cloneNode(true);
  const control = (name) => form.elements[name];
  const value = (name) => control(name)?.value ?? "";
  const length = (text) => [...text].length;
  const first = (name) => document.getElementById(name) ?? document.getElementById(`${name}-0`);
  const group = (name) => {
    const found = first(name);
    return found?.closest("fieldset.form-group") ?? found?.closest(".form-group");
  };
  const isMatter = () => page.matters.includes(value("category"));
  const isUrgent = () => page.urgent.includes(value("category")) || control("injured").checked;
  const isUnnamed = () => value("identity") === "anonymous";

  // --- what the browser keeps; private windows refuse, and then nothing is kept ----------------------------------

  const box = (storage) => {
    const attempt = (act) => { try { return act(window[storage]); } catch { return null; } };
    return {
      read: (key) => attempt((store) => JSON.parse(store.getItem(key))),
      write: (key, data) => attempt((store) => { store.setItem(key, JSON.stringify(data)); return true; }),
      drop: (key) => attempt((store) => store.removeItem(key)),
      keys: () => attempt((store) => Object.keys(store)) ?? [],
    };
  };
  const device = box("localStorage");
  const tab = box("sessionStorage");

  // --- errors: at the field, and linked from a summary that takes the focus ---------------------------------------

  const describe = (node, id, on) => {
    const ids = new Set((node.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
    if (on) ids.add(id); else ids.delete(id);
    if (ids.size) node.setAttribute("aria-describedby", [...ids].join(" "));
    else node.removeAttribute("aria-describedby");
  };

  const clearErrors = () => {
    document.getElementById("error-summary")?.remove();
    for (const error of form.querySelectorAll(".form-error")) {
      const name = error.id.replace(/-error$/, "");
      const spot = error.closest(".form-group");
      spot?.removeAttribute("data-wrong");
      for (const node of [spot, first(name)]) {
        if (!node) continue;
        node.removeAttribute("aria-invalid");
        describe(node, error.id, false);
      }
      error.remove();
    }
  };

  const putError = (name, text) => {
    const spot = group(name);
    if (!spot) return;
    let error = spot.querySelector(".form-error");
    if (!error) {
      error = make("[data-part=error]");
      error.className = "form-error";
      error.id = `${name}-error`;
      spot.querySelector(".form-check, .form-control, .form-select").before(error);
      spot.setAttribute("data-wrong", "");
      const node = spot.matches("fieldset") ? spot : first(name);
      if (node !== spot) node.setAttribute("aria-invalid", "true");
      describe(node, error.id, true);
    }
    const line = error.querySelector(":scope > span");
    const word = document.createElement("span");
    word.className = "visually-hidden";
    word.textContent = texts.error;
    if (line.hasChildNodes()) line.append(document.createElement("br"));
    line.append(word, text);
  };

  // found: [{name, text}], in the order of the page; without a name it belongs to no field
  const showErrors = (found) => {
    clearErrors();
    const summary = make("[data-part=summary]");
    summary.id = "error-summary";
    summary.className = "error-summary";
    summary.setAttribute("role", "alert");
    summary.querySelector("h2").id = "error-summary-title";
    summary.setAttribute("aria-labelledby", "error-summary-title");
    for (const { name, text } of found) {
      const line = document.createElement("li");
      if (name && first(name)) {
        const link = document.createElement("a");
        link.href = `#${first(name).matches("fieldset") ? `${name}-0` : first(name).id}`;
        link.textContent = text;
        line.append(link);
        putError(name, text);
      } else {
        line.textContent = text;
      }
      summary.querySelector("ul").append(line);
    }
    document.getElementById("complaint-notices").before(summary);
    summary.focus();
    summary.scrollIntoView({ block: "start" });
  };

  const stepOf = (name) => parts.findIndex((part) => part.contains(first(name)));

  const toField = (id) => {
    const node = document.getElementById(id);
    if (!node) return;
    (node.closest(".form-group") ?? node).scrollIntoView({ block: "start" });
    node.focus({ preventScroll: true });
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".error-summary a[href^='#']");
    if (!link) return;
    event.preventDefault();
    const id = link.hash.slice(1);
    const step = parts.findIndex((part) => part.contains(document.getElementById(id)));
    if (step >= 0 && step !== current) go(step, { focus: false });
    toField(id);
  }, true);

  // --- the same checks as the server's, one step at a time -----------------------------------------------------------

  const PHONE = /^\+?[0-9(][0-9 ()-]{5,18}[0-9]$/;
  const DAY = /^\d{4}-\d{2}-\d{2}$/;

  const checks = [
    (wrong) => {
      const body = value("body");
      if (length(body.trim()) < limits.minBody) wrong("body", texts.body);
      else if (length(body) > limits.maxBody) wrong("body", say("tooLong", { count: length(body) }));
      if (!value("category")) wrong("category", texts.category);
      const day = control("happened_on");
      if (day.validity.badInput || (day.value && !DAY.test(day.value))) wrong("happened_on", texts.day);
      else if (day.value > page.today) wrong("happened_on", texts.future);
      else if (day.value && Number(day.value.slice(0, 4)) < Number(page.today.slice(0, 4)) - limits.years) {
        wrong("happened_on", texts.year);
      }
      line(wrong, "place");
    },
    (wrong) => {
      if (isMatter()) return;
      line(wrong, "respondent");
      line(wrong, "subject_class");
    },
    (wrong) => {
      if (files.some((file) => file.reason === undefined)) wrong("evidence", texts.fileChecking);
      else if (files.some((file) => file.reason)) wrong("evidence", texts.fileRefused);
    },
    (wrong) => {
      if (isUnnamed()) return;
      if (!value("name").trim()) wrong("name", texts.name);
      else line(wrong, "name");
      if (!PHONE.test(value("phone").normalize("NFKC").trim())) wrong("phone", texts.phone);
      line(wrong, "relation");
    },
    (wrong) => {
      if (!control("pledge").checked) wrong("pledge", texts.pledge);
    },
  ];

  const line = (wrong, name) => {
    if (length(value(name)) > limits.maxLine) wrong(name, texts.line);
  };

  const problems = (step) => {
    const found = [];
    checks[step]((name, text) => found.push({ name, text }));
    return found;
  };

  // how far one may go: the first step that is not right yet
  const reachable = () => {
    const step = parts.findIndex((_, at) => at < LAST && problems(at).length > 0);
    return step < 0 ? LAST : step;
  };

  // --- steps, and the browser's own way back --------------------------------------------------------------------------

  const [back, next, submit] = ["[data-back]", "[data-next]", "[type=submit].btn-primary"].map((selector) =>
    form.querySelector(`.form-end ${selector}`));
  const intro = document.querySelector(".form-intro");
  const after = form.querySelector(".form-after");
  const title = document.title;
  let current = 0;
  let changing = false; // came from the answers, and goes back there

  const show = (step, { focus = true, change = false } = {}) => {
    if (step !== current) stopRecording();
    current = step;
    changing = change && step < LAST;
    parts.forEach((part, at) => { part.hidden = at !== step; });
    intro.hidden = step !== 0;
    after.hidden = step !== LAST;
    draftLine.hidden = step !== 0;
    back.hidden = step === 0;
    next.hidden = step === LAST;
    next.textContent = changing ? texts.changed : texts.next;
    submit.hidden = step !== LAST;
    if (step === LAST) showAnswers();
    const heading = parts[step].querySelector("h2");
    document.title = step === 0 ? title : `${heading.textContent} · ${title}`;
    if (!focus) return;
    document.querySelector(".page-head").scrollIntoView({ block: "start" });
    heading.focus({ preventScroll: true });
  };

  const go = (step, options = {}) => {
    if (step !== current) history.pushState({ step, from: current, change: options.change }, "", `#step-${step + 1}`);
    show(step, options);
  };

  const asked = () => {
    const found = /^#step-(\d)$/.exec(location.hash);
    return found ? Math.min(Number(found[1]) - 1, LAST) : null;
  };

  const forward = async () => {
    const asked = current;
    await Promise.race([looked, new Promise((done) => { window.setTimeout(done, PATIENCE); })]);
    if (current !== asked) return; // pressed twice
    const found = problems(current);
    if (found.length) { showErrors(found); return; }
    clearErrors();
    go(changing ? LAST : current + 1);
  };

  window.addEventListener("popstate", (event) => {
    const step = event.state?.step ?? asked();
    if (step === null) return; // a link within the page
    clearErrors();
    show(Math.min(step, step > current ? reachable() : step), { change: event.state?.change });
  });

  next.addEventListener("click", forward);
  back.addEventListener("click", () => {
    clearErrors();
    if (history.state?.from === current - 1 && !changing) history.back();
    else go(changing ? LAST : current - 1);
  });

  // --- all answers on one page ----------------------------------------------------------------------------------------

  const labelOf = (name) => {
    const label = group(name).querySelector("label, legend").cloneNode(true);
    label.querySelector(".optional")?.remove();
    return label.textContent.trim();
  };
  const chosen = (name) => {
    const node = form.querySelector(`[name=${name}]:checked`);
    return node ? form.querySelector(`label[for="${node.id}"]`).textContent.trim() : "";
  };
  const shownDay = () => (value("happened_on")
    ? new Date(`${value("happened_on")}T00:00:00`).toLocaleDateString(document.documentElement.lang, { dateStyle: "long" })
    : "");

  const answers = () => {
    const rows = [
      ["body", value("body").trim()],
      ["category", control("category").selectedOptions[0]?.textContent ?? ""],
      ...(control("injured").checked ? [["injured", texts.yes, control("injured").labels[0].textContent]] : []),
      ["happened_on", shownDay()],
      ["place", value("place")],
      ["respondent_role", chosen("respondent_role")],
      ...(isMatter() ? [] : [["respondent", value("respondent")], ["subject_class", value("subject_class")]]),
      ["evidence", files.map(({ file }) => `${file.name}(${size(file.size)})`).join("\n")],
      ["identity", chosen("identity")],
      ...(isUnnamed() ? [] : ["name", "phone", "relation"].map((name) => [name, value(name)])),
      ...(isUnnamed() || !value("signers").trim() ? [] : [["signers", value("signers").trim()]]),
    ];
    return rows.map(([name, answer, label]) => ({ name, answer, label: label ?? labelOf(name) }));
  };

  const LONG = 400;
  const showAnswers = () => {
    const list = document.createElement("dl");
    list.className = "summary-list answers";
    for (const { name, answer, label } of answers()) {
      const row = document.createElement("div");
      const [term, given, change] = ["dt", "dd", "dd"].map((tag) => document.createElement(tag));
      const link = document.createElement("a");
      const about = document.createElement("span");
      term.textContent = label;
      given.textContent = answer || texts.empty;
      given.className = answer ? "prewrap" : "text-secondary";
      if (length(answer) > LONG) { // read in a window of its own, so that the rest stays in reach
        const whole = document.createElement("div");
        whole.className = "long-answer";
        whole.tabIndex = 0;
        whole.textContent = answer;
        given.replaceChildren(whole);
      }
      change.className = "summary-change";
      about.className = "visually-hidden";
      about.textContent = ` ${label}`;
      link.href = `#step-${stepOf(name) + 1}`;
      link.append(texts.change, about);
      link.addEventListener("click", (event) => {
        event.preventDefault();
        clearErrors();
        go(stepOf(name), { focus: false, change: true });
        const node = first(name);
        toField(node.matches("fieldset") ? (form.querySelector(`[name=${name}]:checked`)?.id ?? `${name}-0`) : node.id);
      });
      change.append(link);
      row.append(term, given, change);
      list.append(row);
    }
    document.getElementById("answers").replaceChildren(list);
  };

  // --- grave harm, and matters of the school ---------------------------------------------------------------------------

  const roles = [...form.querySelectorAll("[name=respondent_role]")];
  const teacher = roles.find((role) => role.value === "teacher");
  const unknown = roles.find((role) => role.value === "unknown");
  let wasTeacher = false;

  const follow = () => {
    for (const panel of form.querySelectorAll("[data-urgent]")) panel.hidden = !isUrgent();
    const matter = isMatter();
    document.getElementById("matter-note").hidden = !matter;
    document.getElementById("matter-hint").hidden = !matter;
    for (const node of form.querySelectorAll("[data-teacher-only]")) node.hidden = matter;
    teacher.closest(".form-check").hidden = matter;
    if (matter && teacher.checked) {
      wasTeacher = true;
      unknown.checked = true;
    } else if (!matter && wasTeacher) {
      wasTeacher = false;
      teacher.checked = true;
    }
  };
  control("category").addEventListener("change", follow);
  control("injured").addEventListener("change", follow);

  // --- a category from the words: suggested, never chosen by itself -----------------------------------------------------

  const suggested = document.getElementById("suggestion");
  const IDLE = 1200;
  let asking = 0;
  let askedFor = "";

  const suggest = async () => {
    const text = value("body").trim();
    if (value("category") || length(text) < limits.minBody || text === askedFor || !navigator.onLine) return;
    askedFor = text;
    const data = new FormData();
    data.append("body", text);
    data.append("csrf_token", value("csrf_token"));
    try {
      const answer = await fetch(page.suggestion, { method: "POST", body: data });
      if (!answer.ok || text !== askedFor || value("category")) return;
      const given = new DOMParser().parseFromString(await answer.text(), "text/html");
      suggested.replaceChildren(...given.body.childNodes);
    } catch { /* no signal: the list is there as well */ }
  };
  control("body").addEventListener("input", () => {
    window.clearTimeout(asking);
    asking = window.setTimeout(suggest, IDLE);
  });
  control("category").addEventListener("change", () => suggested.replaceChildren());
  suggested.addEventListener("click", (event) => {
    const code = event.target.closest("[data-suggested]")?.dataset.suggested;
    if (!code) return;
    control("category").value = code;
    control("category").dispatchEvent(new Event("change", { bubbles: true }));
    control("category").focus();
  });

  // --- files: looked at before they are sent ------------------------------------------------------------------------

  const KB = 1024;
  const MB = KB * KB;
  const size = (bytes) => (bytes < MB ? `${Math.max(1, Math.round(bytes / KB))} KB` : `${(bytes / MB).toFixed(1)} MB`);
  const input = control("evidence");
  const list = form.querySelector("[data-judged]");
  const urls = new Map();
  const PATIENCE = 3000; // ms; a file out of a cloud may take longer, and is then told of
  let looked = Promise.resolve(); // until all files are looked at
  let files = []; // {file, reason}; reason: undefined while it is looked at, "" when all is well

  const starts = (bytes, text, at = 0) => [...text].every((char, place) => bytes[at + place] === char.charCodeAt(0));
  const isKnown = (bytes) =>
    (bytes[0] === 0xff && bytes[1] === 0xd8) || starts(bytes, "\x89PNG")
    || (starts(bytes, "RIFF") && starts(bytes, "WEBP", 8))
    || (starts(bytes, "ftyp", 4) && !starts(bytes, "qt", 8))
    || starts(bytes, "%PDF-") || starts(bytes, "ID3") || (bytes[0] === 0xff && (bytes[1] & 0xe6) === 0xe2)
    || starts(bytes, "#!AMR") || starts(bytes, "PK\x03\x04");

  const reasonOf = async (file) => {
    const { name } = file;
    if (!file.size) return say("fileEmpty", { name });
    if (file.size > limits.fileBytes) return say("fileSize", { name });
    try {
      return isKnown(new Uint8Array(await file.slice(0, 16).arrayBuffer())) ? "" : say("fileKind", { name });
    } catch {
      return say("fileGone", { name });
    }
  };

  const judge = async (one) => {
    one.own ??= await reasonOf(one.file);
    let bytes = 0;
    files.forEach((other, place) => {
      if (other.own === undefined) return;
      bytes += other.own ? 0 : other.file.size;
      other.reason = other.own
        || (place >= limits.files ? texts.files : "")
        || (bytes > limits.totalBytes ? texts.total : "");
    });
    showFiles();
  };

  const kindOf = (file) => {
    const kind = file.type.split("/")[0];
    return ["image", "audio", "video"].includes(kind) ? kind : "";
  };

  const urlOf = (file) => {
    if (!urls.has(file)) urls.set(file, URL.createObjectURL(file));
    return urls.get(file);
  };

  const look = ({ file, reason }) => {
    const kind = kindOf(file);
    const sign = make(kind ? `.file-kind[data-kind=${kind}]` : ".file-kind:not([data-kind])");
    if (kind === "image" && !reason) {
      const picture = document.createElement("img");
      picture.alt = "";
      picture.addEventListener("error", () => picture.replaceWith(...sign.childNodes));
      picture.src = urlOf(file);
      const frame = sign.cloneNode(false);
      frame.append(picture);
      return frame;
    }
    return sign;
  };

  const remove = (one) => {
    const at = files.indexOf(one);
    files = files.filter((other) => other !== one);
    if (urls.has(one.file)) URL.revokeObjectURL(urls.get(one.file));
    urls.delete(one.file);
    showFiles();
    for (const other of files) judge(other);
    (list.querySelectorAll("button")[Math.min(at, files.length - 1)] ?? input).focus();
  };

  const row = (one) => {
    const item = document.createElement("li");
    const [name, bytes] = ["file-name", "file-size"].map((kind) => {
      const node = document.createElement("span");
      node.className = kind;
      return node;
    });
    const button = document.createElement("button");
    name.textContent = one.file.name;
    bytes.textContent = size(one.file.size);
    button.type = "button";
    button.className = "btn btn-link";
    button.textContent = list.dataset.remove;
    button.setAttribute("aria-label", `${list.dataset.remove} ${one.file.name}`);
    button.addEventListener("click", () => remove(one));
    item.append(look(one), name, bytes, button);
    if (kindOf(one.file) === "audio" && one.reason === "") {
      const player = document.createElement("audio");
      player.controls = true;
      player.preload = "metadata";
      player.src = urlOf(one.file);
      player.setAttribute("aria-label", one.file.name);
      item.append(player);
    }
    if (one.reason) {
      const why = document.createElement("span");
      why.className = "file-wrong";
      why.textContent = one.reason;
      item.dataset.wrong = "";
      item.append(why);
    }
    return item;
  };

  const showFiles = () => {
    list.hidden = files.length === 0;
    const rows = files.map(row);
    if (files.length > 1) {
      const total = document.createElement("li");
      total.className = "file-total";
      total.textContent = say("filesDone", {
        count: files.length,
        size: size(files.reduce((sum, { file }) => sum + file.size, 0)),
      });
      rows.push(total);
    }
    list.replaceChildren(...rows);
    try { // also in the control itself, for a browser that sends the form by itself
      const parcel = new DataTransfer();
      for (const { file } of files) parcel.items.add(file);
      input.files = parcel.files;
    } catch { /* old browsers: what is sent is made of our own list */ }
  };

  const same = (one, other) =>
    one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;

  const take = (fresh) => {
    const added = fresh
      .filter((file) => !files.some((other) => same(file, other.file)))
      .map((file) => ({ file }));
    files = [...files, ...added];
    showFiles();
    looked = Promise.all([looked, ...added.map(judge)]);
  };

  input.classList.add("is-replaced");
  form.querySelector(".file-button").hidden = false;
  input.addEventListener("change", () => take([...input.files]));

  // --- a voice message ---------------------------------------------------------------------------------------------------

  const MINUTES = 5;
  const SOUND = ["audio/mp4;codecs=mp4a.40.2", "audio/mp4"];
  const BITS = 32000; // speech; five minutes are little more than a megabyte
  const voice = form.querySelector("[data-voice]");
  const recordButton = voice.querySelector("[data-record]");
  const recordLabel = recordButton.querySelector("span");
  const clock = voice.querySelector(".voice-time");
  const voiceState = voice.querySelector(".voice-state");
  let recorder = null;
  let recordings = 0;

  const soundType = () => {
    if (!window.MediaRecorder || !navigator.mediaDevices?.getUserMedia) return null;
    return SOUND.find((kind) => window.MediaRecorder.isTypeSupported(kind)) ?? null;
  };
  const stopRecording = () => { if (recorder?.state === "recording") recorder.stop(); };

  const record = async (kind) => {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      voiceState.textContent = texts.recordRefused;
      offerChooser();
      return;
    }
    const pieces = [];
    const began = Date.now();
    recorder = new window.MediaRecorder(stream, { mimeType: kind, audioBitsPerSecond: BITS });
    const tick = window.setInterval(() => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} / ${MINUTES}:00`;
      if (seconds >= MINUTES * 60) stopRecording();
    }, 250);
    recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
    recorder.addEventListener("stop", () => {
      window.clearInterval(tick);
      for (const track of stream.getTracks()) track.stop();
      recordings += 1;
      clock.hidden = true;
      recordLabel.textContent = texts.record;
      recordButton.removeAttribute("data-recording");
      voiceState.textContent = texts.recorded;
      take([new File(pieces, `${texts.recordFile}-${recordings}.m4a`, { type: "audio/mp4" })]);
    });
    recorder.start();
    clock.hidden = false;
    recordLabel.textContent = texts.stop;
    recordButton.setAttribute("data-recording", "");
    voiceState.textContent = texts.recording;
  };

  // where the browser cannot record what we accept, the phone's own recorder can
  const offerChooser = () => {
    if (document.getElementById("voice-file")) return;
    const chooser = document.createElement("input");
    const label = document.createElement("label");
    chooser.type = "file";
    chooser.id = "voice-file";
    chooser.accept = "audio/*";
    chooser.setAttribute("capture", "");
    chooser.className = "form-control is-replaced";
    label.htmlFor = chooser.id;
    label.className = "btn btn-outline-primary file-button";
    label.textContent = texts.recordChoose;
    chooser.addEventListener("change", () => { take([...chooser.files]); chooser.value = ""; });
    recordButton.replaceWith(chooser, label);
  };

  voice.hidden = false;
  if (soundType()) {
    recordButton.addEventListener("click", () => {
      if (recorder?.state === "recording") stopRecording();
      else record(soundType());
    });
  } else {
    offerChooser();
  }

  // --- a draft on this device: never a name, a telephone, a file or the code ----------------------------------------------

  const DAYS = 7;
  const DRAFT = `draft:${page.mailbox}`;
  const KEY = `sent:${page.mailbox}`; // the key of a sending whose answer never came: asked again, not sent twice
  const OFF = "draft-off";
  const KEPT = ["body", "category", "happened_on", "place", "respondent_role", "respondent", "subject_class",
    "identity", "relation"];
  const NEVER_KEPT = ["name", "phone", "signers"];
  const blank = Object.fromEntries([...KEPT, ...NEVER_KEPT].map((name) => [name, value(name)]));
  const draftLine = document.createElement("div");
  const draftWord = document.createElement("p");
  const notices = document.getElementById("complaint-notices");
  const isKeeping = () => device.read(OFF) !== true;

  const typed = (names) => {
    const found = Object.fromEntries(names.map((name) => [name, value(name)]));
    return control("injured").checked ? { ...found, injured: true } : found;
  };
  const isTyped = () =>
    control("injured").checked || files.length > 0 || KEPT.some((name) => value(name) !== blank[name]);

  let saving = 0;
  let isDone = false;
  const save = () => {
    window.clearTimeout(saving);
    if (isDone || !isKeeping()) return;
    if (isTyped()) device.write(DRAFT, { at: Date.now(), files: files.length, fields: typed(KEPT) });
    else device.drop(DRAFT);
  };
  const wipe = () => {
    window.clearTimeout(saving);
    device.drop(DRAFT);
    tab.drop(KEY);
  };

  const fillIn = (fields) => {
    for (const [name, text] of Object.entries(fields)) {
      const node = control(name);
      if (!node) continue;
      if (name === "injured") node.checked = text === true;
      else node.value = text;
    }
    for (const node of form.querySelectorAll("textarea, [name=identity]:checked")) {
      node.dispatchEvent(new Event("input", { bubbles: true }));
      node.dispatchEvent(new Event("change", { bubbles: true }));
    }
    follow();
  };

  const notice = (id, text, button) => {
    document.getElementById(id)?.remove();
    const banner = make(".banner");
    banner.id = id;
    banner.querySelector("p").textContent = text;
    if (button) banner.lastElementChild.append(button);
    notices.append(banner);
    return banner;
  };

  const startOver = () => {
    wipe();
    files = [];
    form.reset();
    fillIn({});
    showFiles();
    clearErrors();
    go(0, { focus: false });
    const banner = notice("draft-notice", texts.wiped);
    banner.tabIndex = -1;
    banner.focus();
  };

  const wipeButton = () => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline-primary";
    button.textContent = texts.wipe;
    button.addEventListener("click", startOver);
    return button;
  };

  const sweep = () => {
    const oldest = Date.now() - DAYS * 24 * 60 * 60 * 1000;
    for (const key of device.keys().filter((name) => name.startsWith("draft:"))) {
      if (!((device.read(key)?.at ?? 0) > oldest)) device.drop(key);
    }
  };

  const restore = () => {
    sweep();
    const carried = tab.read("carried");
    tab.drop("carried");
    if (form.hasAttribute("data-filled")) { // the server gives back what was typed
      follow();
      save();
    } else if (carried) {
      fillIn(carried.fields);
      device.drop(`draft:${carried.mailbox}`);
      save();
      const more = carried.files ? texts.filesAgain : "";
      notice("draft-notice", say("carried", { school: carried.school }) + more, wipeButton());
    } else if (isKeeping() && device.read(DRAFT)) {
      const draft = device.read(DRAFT);
      fillIn(draft.fields);
      const again = [
        ...(value("identity") !== "anonymous" && value("identity") !== blank.identity ? [texts.namesAgain] : []),
        ...(draft.files ? [texts.filesAgain] : []),
      ];
      notice("draft-notice", texts.restored + again.join(""), wipeButton());
      const key = tab.read(KEY);
      if (key) control("idempotency_key").value = key;
    }
  };

  const choice = make(".draft-choice");
  const off = choice.querySelector("input");
  const showChoice = () => {
    off.checked = !isKeeping();
    draftWord.textContent = off.checked ? texts.notKept : texts.kept;
  };
  draftLine.className = "draft-line";
  draftWord.className = "form-hint";
  draftWord.id = "draft-word";
  off.setAttribute("aria-describedby", draftWord.id);
  off.addEventListener("change", () => {
    if (off.checked) {
      device.write(OFF, true);
      wipe();
      document.getElementById("draft-notice")?.remove();
    } else {
      device.drop(OFF);
      save();
    }
    showChoice();
  });
  draftLine.append(choice, draftWord);
  form.querySelector(".form-end").before(draftLine);
  showChoice();

  form.addEventListener("input", () => {
    window.clearTimeout(saving);
    saving = window.setTimeout(save, 300);
  });
  form.addEventListener("change", save);
  window.addEventListener("pagehide", save);
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });

  // --- another school: what was written goes along -------------------------------------------------------------------------

  for (const way of document.querySelectorAll("[data-move]")) {
    way.addEventListener("click", (event) => {
      if (!isTyped()) return; // nothing to take along: the plain way
      const taken = tab.write("carried", {
        mailbox: page.mailbox,
        school: page.school,
        files: files.length,
        fields: typed([...KEPT, ...NEVER_KEPT]),
      });
      if (!taken) return;
      event.preventDefault();
      location.assign(page.home);
    });
  }

  // --- sending: with progress, and again when the signal was lost ----------------------------------------------------------

  const sending = document.getElementById("sending");
  const bar = sending.querySelector("progress");
  const state = document.getElementById("sending-text");
  const label = submit.textContent;
  const STALLED = 60_000; // no byte for a minute: the signal is gone, whatever the phone says
  let request = null;

  const parcel = () => {
    const data = new FormData(form);
    data.delete("evidence");
    for (const { file } of files) data.append("evidence", file, file.name);
    if (isMatter()) for (const name of ["respondent", "subject_class"]) data.delete(name);
    if (isUnnamed()) for (const name of [...NEVER_KEPT, "relation"]) data.delete(name);
    return data;
  };

  const settle = (word, text) => {
    request = null;
    sending.hidden = !text;
    bar.hidden = true;
    sending.toggleAttribute("data-stopped", Boolean(text));
    state.textContent = text;
    submit.textContent = word;
    submit.removeAttribute("aria-disabled");
  };
  const lost = () => settle(texts.retry, isKeeping() ? texts.lost : texts.lostUnkept);

  // what the page hides is renewed from an answer of the server: the token, the key, the challenge
  const renew = (answer) => {
    const fresh = answer.querySelector("form[data-complaint]");
    if (!fresh) return false;
    for (const node of fresh.querySelectorAll("input[type=hidden]")) {
      const own = control(node.name);
      if (own) own.value = node.value;
    }
    for (const node of fresh.querySelectorAll("[data-fresh][id]")) {
      document.getElementById(node.id)?.replaceWith(document.importNode(node, true));
    }
    return true;
  };

  const refused = (answer) => [...answer.querySelectorAll("#error-summary li")].map((item) => {
    const id = item.querySelector("a")?.hash.slice(1) ?? "";
    return { name: id.replace(/-0$/, ""), text: item.textContent.trim() };
  });

  const judgeAnswer = (again) => {
    const { status } = request;
    const minutes = Math.max(1, Math.ceil(Number(request.getResponseHeader("Retry-After") ?? 0) / 60));
    if (status === 200 && new URL(request.responseURL, location.href).pathname === page.receipt) {
      isDone = true;
      location.assign(page.receipt);
      return;
    }
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const found = refused(answer);
    const known = answer.querySelector("form[data-complaint]") !== null;
    if (status === 422 && !known && !again) {
      settle(texts.retry, texts.expired);
      refresh();
    } else if (status === 422 && known && found.length) {
      tab.drop(KEY);
      renew(answer);
      settle(label, "");
      const step = found.map(({ name }) => (name ? stepOf(name) : -1)).find((at) => at >= 0);
      if (step !== undefined && step !== current) go(step, { focus: false, change: true });
      showErrors(found);
    } else if (status === 413) {
      settle(label, "");
      go(EVIDENCE_STEP, { focus: false, change: true });
      showErrors([{ name: "evidence", text: texts.large }]);
    } else {
      const text = { 404: texts.gone, 422: texts.expired, 429: say("busy", { minutes }) }[status] ?? texts.down;
      settle(texts.retry, text);
    }
  };

  // a token of a session that ended: the page is asked for anew, and the letter goes out once more
  const refresh = async () => {
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      const key = value("idempotency_key");
      if (!renew(new DOMParser().parseFromString(await answer.text(), "text/html"))) return;
      control("idempotency_key").value = key;
      send(true);
    } catch {
      lost();
    }
  };

  const send = (again = false) => {
    if (request) return;
    const made = new XMLHttpRequest();
    const whole = size(files.reduce((sum, { file }) => sum + file.size, 0));
    let watch = 0;
    const alive = () => {
      window.clearTimeout(watch);
      watch = window.setTimeout(() => made.abort(), STALLED);
    };
    request = made;
    if (isKeeping()) tab.write(KEY, value("idempotency_key"));
    save();
    sending.hidden = false;
    sending.removeAttribute("data-stopped");
    bar.hidden = files.length === 0;
    bar.value = 0;
    state.textContent = "";
    submit.textContent = submit.dataset.sending;
    submit.setAttribute("aria-disabled", "true");
    made.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
      alive();
      if (!lengthComputable || !files.length) return;
      const percent = Math.floor((loaded * 100) / total);
      bar.value = percent;
      state.textContent = percent < 100 ? say("sendingFiles", { percent: `${percent}%`, size: whole }) : texts.sendingWait;
    });
    made.addEventListener("loadend", () => {
      window.clearTimeout(watch);
      if (request !== made) return;
      if (made.status) judgeAnswer(again); else lost();
    });
    made.open("POST", form.action);
    made.send(parcel());
    alive();
  };

  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.submitter?.hasAttribute("data-move")) return;
    event.preventDefault();
    if (request) return;
    if (current < LAST) { forward(); return; }
    clearErrors();
    const step = parts.findIndex((_, at) => problems(at).length > 0);
    if (step >= 0) {
      if (step !== current) go(step, { focus: false, change: true });
      showErrors(problems(step));
    } else if (navigator.onLine) {
      send();
    } else {
      save();
      lost();
    }
  });

  // the enter key in a line of text goes one step on (while Chinese is being typed it only ends the word)
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || current === LAST || !event.target.matches("input:not([type=file])")) return;
    event.preventDefault();
    forward();
  });

  window.addEventListener("beforeunload", (event) => { if (request && !isDone) event.preventDefault(); });

  const offlineWord = () => (isKeeping() ? texts.offline : texts.offlineUnkept);
  window.addEventListener("offline", () => {
    save();
    notice("connection", offlineWord());
    request?.abort();
  });
  window.addEventListener("online", () => {
    if (document.getElementById("connection")) notice("connection", texts.online);
    window.setTimeout(() => document.getElementById("connection")?.remove(), 5000);
  });

  // --- begin ---------------------------------------------------------------------------------------------------------------

  parts.forEach((part, at) => {
    const heading = part.querySelector("h2");
    heading.tabIndex = -1;
    part.querySelector(".part-progress span").textContent = say("progress", { number: at + 1, count: parts.length });
  });
  restore();
  if (input.files.length) take([...input.files]);
  form.setAttribute("data-ready", "");
  const wrong = form.querySelector("[data-wrong]");
  const start = wrong ? parts.findIndex((part) => part.contains(wrong)) : Math.min(asked() ?? 0, reachable());
  history.replaceState({ step: start }, "");
  show(start, { focus: false });
})();
