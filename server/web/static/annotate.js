// The annotator's comfort: keys, drafts that save themselves, one click that counts once.
// Everything here can also be done with the mouse, and without a script at all.

document.documentElement.classList.add("scripted");
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
  document.activeElement?.closest(".question") ?? questions.find((one) => !one.disabled && !isAnswered(one)) ?? questions[0];

function choose(input) {
  if (input.matches(":disabled")) return;
  if (input.matches(typing)) return input.focus();
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
  radio.dispatchEvent(new Event("change", { bubbles: true }));
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
  const id = place.dataset.field ?? place.id;
  document.getElementById(`${id}-error`)?.remove();
  place.removeAttribute("aria-invalid");
  place.removeAttribute("aria-describedby");
  const problems = document.querySelector(".problems");
  problems?.querySelector(`a[href="#${CSS.escape(id)}"]`)?.closest("li").remove();
  if (!problems?.querySelector("li")) problems?.remove();
}
for (const kind of ["input", "change", "unasked"]) form.addEventListener(kind, settle);

// A link to a question leads to its first answer; one to a field leads there without a script, too.
document.querySelector(".problems")?.addEventListener("click", (event) => {
  const question = document.getElementById(event.target.closest("a")?.hash.slice(1));
  if (!question?.matches(".question")) return;
  event.preventDefault();
  question.scrollIntoView();
  question.querySelector("input").focus({ preventScroll: true });
});

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
  const input = /^[0-9a-z]$/.test(key) ? form.querySelector(`[data-key="${key}"]`) : null;
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
  if (!panel && isOf(target, form) && target.matches(typing)) target.blur();
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

const typed = () => new URLSearchParams(withUnasked());

// What was answered to questions that are not asked now is kept, but never submitted.
function withUnasked() {
  const unasked = [...form.querySelectorAll(".question.unasked:disabled")];
  for (const one of unasked) one.disabled = false;
  const data = new FormData(form);
  for (const one of unasked) one.disabled = true;
  return data;
}

async function save() {
  unsaved = false;
  if (!tries) say(said.saving);
  const word = wordFor(await attempt());
  if (leaving) return;
  if (word === "saved") saved();
  else failed(word);
  // What the server refuses is refused again: it is sent anew after a change, or when one comes back.
  const goesOn = word === "saved" || word === "unsaved";
  timer = unsaved && goesOn ? setTimeout(save, tries ? Math.min(60_000, 2_000 * 2 ** tries) : PAUSE) : 0;
}

const words = { 400: "refused", 401: "out", 403: "gone", 404: "gone", 409: "stale", 413: "refused", 422: "refused" };
const wordFor = (answer) => answer?.word ?? (answer?.ok ? "saved" : (words[answer?.status] ?? "unsaved"));

// 403: a new sign-in in another tab has made this form's key an old one, or one may not code any more.
async function attempt() {
  const answer = await sendDraft();
  if (answer?.status !== 403) return answer;
  const word = await renewKey();
  return word === "renewed" ? sendDraft() : { word };
}

async function sendDraft() {
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body: typed(), redirect: "manual" });
    if (answer.ok) storedAs = answer.headers.get("Draft-Stored-As");
    return answer;
  } catch {
    return null;
  }
}

async function renewKey() {
  const page = await fetch(form.action, { redirect: "manual" }).catch(() => null);
  if (!page?.ok) return page ? "gone" : "unsaved";
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html").getElementById("coding");
  if (fresh?.elements.coder.value !== form.elements.coder.value) return "taken";
  const key = fresh.elements.form_key.value;
  if (key === form.elements.form_key.value) return "gone";
  for (const field of document.getElementsByName("form_key")) field.value = key;
  return "renewed";
}

function say(text, isBad = false) {
  status.textContent = text;
  status.classList.toggle("error", isBad);
}

function saved() {
  tries = 0;
  forget();
  say(said.saved);
  document.getElementById("unfinished")?.classList.remove("idle");
}

function failed(word) {
  unsaved = true;
  tries += 1;
  keep();
  say(said[word], true);
  if (word === "out" || word === "taken") status.append(" ", door());
}

function door() {
  const link = document.createElement("a");
  const href = `${form.dataset.door}?next=${encodeURIComponent(form.getAttribute("action"))}`;
  Object.assign(link, { href, target: "_blank", textContent: said.door });
  return link;
}

for (const kind of ["input", "change"]) {
  form.addEventListener(kind, ({ target }) => isOf(target, form) && changed());
}
addEventListener("focus", () => {
  if (unsaved && !timer) changed();
});
addEventListener("pagehide", () => {
  if (!unsaved || leaving) return;
  keep();
  navigator.sendBeacon(form.dataset.draft, typed());
});

// Answers that did not reach the server wait in this browser, for the same annotator at the same post.

const DAYS = 14;
const shelf = `unsent ${form.elements.coder.value} ${form.dataset.draft}`;
const isAnswer = (name) => /^(v-|none-)|^(memo|unsure)$/.test(name);
let storedAs = form.dataset.storedAs;

// A browser may refuse to keep anything.
function onShelf(deed) {
  try {
    return deed(localStorage);
  } catch {
    return null;
  }
}

function keep() {
  const fields = [...withUnasked()].filter(([name]) => isAnswer(name));
  onShelf((all) => all.setItem(shelf, JSON.stringify({ storedAs, fields, at: Date.now() })));
}

const forget = () => onShelf((all) => all.removeItem(shelf));

function clearOld(all) {
  for (const name of Object.keys(all).filter((each) => each.startsWith("unsent "))) {
    if (!(JSON.parse(all.getItem(name)).at > Date.now() - DAYS * 86_400_000)) all.removeItem(name);
  }
}

function fill(fields) {
  for (const field of form.elements) {
    if (!isAnswer(field.name)) continue;
    const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.matches(typing)) field.value = values.at(-1) ?? "";
    else field.checked = values.includes(field.value);
  }
  const aside = form.querySelector(".aside");
  aside.open ||= form.elements.memo.value !== "" || form.elements.unsure.checked;
}

// What the server has stored since is newer. A form that is shown again has what was typed in it already.
function restore() {
  onShelf(clearOld);
  if (document.querySelector(".problems")) return changed();
  const kept = onShelf((all) => JSON.parse(all.getItem(shelf)));
  if (kept?.storedAs !== storedAs) return forget();
  fill(kept.fields);
  say(said.restored);
  changed();
}
if (submit) restore();
document.getElementById("discard")?.addEventListener("submit", forget);

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
  for (const [name, value] of withUnasked()) if (!own.has(name)) formData.append(name, value);
});

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
