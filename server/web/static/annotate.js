// The annotator's comfort: keys, drafts that save themselves, one click that counts once.
// Everything here can also be done with the mouse, and without a script at all.

const form = document.getElementById("coding");
const skipForm = document.getElementById("skip");
const keys = document.getElementById("keys");
const status = document.getElementById("saved");
const submit = document.getElementById("submit");
const said = keys.dataset;
const questions = [...form.querySelectorAll(".question")];
const typing = "textarea, select, input:not([type=checkbox], [type=radio])";

// Choosing

const isAnswered = (question) =>
  question.querySelector(":checked:not([value=''])") !== null ||
  [...question.querySelectorAll("textarea, input[type=text]")].some((field) => field.value.trim());
const here = () =>
  document.activeElement?.closest(".question") ?? questions.find((one) => !isAnswered(one)) ?? questions[0];

function choose(input) {
  if (input.matches(":disabled")) return;
  const folded = input.closest("details:not([open])");
  if (folded) folded.open = true;
  input.focus();
  if (input.type === "radio" && input.checked) unchoose(input);
  else input.click();
}

function unchoose(radio) {
  if (radio.closest("[data-required]")) return;
  const open = radio.closest(".question").querySelector("input[value='']");
  if (open) open.checked = true;
  else radio.checked = false;
  changed();
}

// "Nothing applies" and the codes beside it exclude each other.
form.addEventListener("change", ({ target }) => {
  const question = target.closest(".question");
  if (question?.dataset.kind !== "multiple" || !target.checked) return;
  for (const other of question.querySelectorAll("input[type=checkbox]")) {
    if (other !== target && "none" in other.dataset !== "none" in target.dataset) other.checked = false;
  }
});

// An answer that need not be given can be taken back with a second click.
let before = null;
form.addEventListener("pointerdown", ({ target }) => {
  const row = target.closest("label, .code");
  before = row?.querySelector("input[type=radio]:checked") ?? null;
});
form.addEventListener("click", ({ target }) => {
  if (target === before) unchoose(target);
  if (target.type === "radio") before = null;
});

// What was wrong with an answer is no longer said when it is answered.
function settle({ target }) {
  const place = target.closest(".question") ?? target;
  if (!place.matches("[aria-invalid=true]") || (place !== target && !isAnswered(place))) return;
  document.getElementById(`${place.id}-error`)?.remove();
  place.removeAttribute("aria-invalid");
  place.removeAttribute("aria-describedby");
  const problems = document.querySelector(".problems");
  problems?.querySelector(`a[href="#${CSS.escape(place.id)}"]`)?.closest("li").remove();
  if (!problems?.querySelector("li")) problems?.remove();
}
form.addEventListener("input", settle);
form.addEventListener("change", settle);

// Keys. A code's key chooses that code, wherever one is; no code has the key of a command.

function unfold() {
  const all = [...(here()?.querySelectorAll("details.definition") ?? [])];
  const open = all.some((one) => !one.open);
  for (const one of all) one.open = open;
}

function openAt(field) {
  if (!field) return;
  field.closest("details").open = true;
  field.focus();
}

const follow = (id) => document.getElementById(id)?.click();

const deeds = {
  "?": () => (keys.open ? keys.close() : keys.showModal()),
  d: unfold,
  m: () => openAt(form.elements.memo),
  s: () => openAt(skipForm?.elements.reason),
  ArrowLeft: () => follow("back"),
  ArrowRight: () => follow("next"),
};

function deedOf(key) {
  if (deeds[key]) return deeds[key];
  const input = /^[0-9a-z]$/.test(key) ? form.querySelector(`input[data-key="${key}"]`) : null;
  return input && (() => choose(input));
}

const isOf = (field, owner) => owner !== null && field.form === owner;

function onEnter(event) {
  const { target } = event;
  const isWithCtrl = event.ctrlKey || event.metaKey;
  if (isOf(target, skipForm)) {
    event.preventDefault();
    if (!event.repeat) skipForm.requestSubmit();
  } else if (isWithCtrl) {
    event.preventDefault();
    if (!keys.open && !event.repeat && submit) form.requestSubmit(submit);
  } else if (target.matches("[type=checkbox], [type=radio]")) event.preventDefault();
}

function onEscape({ target }) {
  const panel = target.closest(".skipping[open]");
  if (!panel) return;
  panel.open = false;
  panel.querySelector("summary").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter") return onEnter(event);
  if (event.key === "Escape") return onEscape(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(typing)) return;
  const key = event.shiftKey || event.key.length > 1 ? event.key : event.key.toLowerCase();
  if (keys.open && key !== "?") return;
  const deed = deedOf(key);
  if (!deed) return;
  event.preventDefault();
  if (!event.repeat) deed();
});

const show = document.getElementById("show-keys");
show.hidden = false;
show.addEventListener("click", deeds["?"]);

// Drafts: saved a moment after a change, one after the other, and at once when the page is left.

const PAUSE = 1500;
let unsaved = false;
let leaving = false;
let timer = 0;
let tries = 0;

function changed() {
  if (!submit || leaving) return;
  unsaved = true;
  timer ||= setTimeout(save, PAUSE);
}

const typed = () => new URLSearchParams(new FormData(form));

async function save() {
  unsaved = false;
  say(said.saving);
  const answer = await sendDraft();
  if (leaving) return;
  if (answer?.ok) saved();
  else if (answer?.status === 409) say(said.stale, true);
  else failed();
  timer = unsaved ? setTimeout(save, tries ? Math.min(60_000, 2_000 * 2 ** tries) : PAUSE) : 0;
}

async function sendDraft() {
  try {
    return await fetch(form.dataset.draft, { method: "POST", body: typed(), redirect: "manual" });
  } catch {
    return null;
  }
}

function say(text, isBad = false) {
  status.textContent = text;
  status.classList.toggle("error", isBad);
}

function saved() {
  tries = 0;
  say(said.saved);
  document.getElementById("unfinished")?.classList.remove("idle");
}

function failed() {
  say(said.unsaved, true);
  unsaved = true;
  tries += 1;
}

for (const kind of ["input", "change"]) {
  form.addEventListener(kind, ({ target }) => isOf(target, form) && changed());
}
addEventListener("pagehide", () => {
  if (unsaved && !leaving) navigator.sendBeacon(form.dataset.draft, typed());
});

// One submission at a time. The page may come back from the browser's memory: then it is free again.

function leave(event) {
  if (leaving) {
    event.preventDefault();
    return;
  }
  leaving = true;
  clearTimeout(timer);
  form.setAttribute("aria-busy", "true");
}
for (const each of [form, skipForm, document.getElementById("discard")]) each?.addEventListener("submit", leave);

// The answers go with a skip, so that none is lost where it is refused.
skipForm?.addEventListener("formdata", ({ formData }) => {
  const own = new Set(formData.keys());
  for (const [name, value] of new FormData(form)) if (!own.has(name)) formData.append(name, value);
});

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
