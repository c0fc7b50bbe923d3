// Drafts that save themselves, and submissions that lose nothing on their way.
// A draft is saved a moment after a change, one after the other, and at once when the page is left.

const typing = "textarea, select, input:not([type=checkbox], [type=radio])";
const PAUSE = 1500;
const LONGEST = 20_000;
const pauseAfter = (tries) => Math.min(60_000, 1_000 * 2 ** tries);

// The post that is coded, and how its answers stand. Another takes its place without a new page.
let form, skipForm, submit, status, said, place, shelf, storedAs, keeping;
let unsaved, leaving, timer, tries, waiting, retry, touched;

function arrive() {
  [form, skipForm, submit, status] = ["coding", "skip", "submit", "saved"].map((id) => document.getElementById(id));
  said = document.getElementById("keys").dataset;
  place = location.pathname;
  shelf = openShelf(form.elements.coder.value, form.dataset);
  keeping = onShelf((place) => place);
  ({ storedAs } = form.dataset);
  [unsaved, leaving, timer, tries, waiting, retry, touched] = [false, false, 0, 0, null, 0, new Set()];
  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, ({ target }) => target.form === form && changed(target));
  }
  document.getElementById("discard")?.addEventListener("submit", discard);
  for (const each of [form, skipForm]) each?.addEventListener("submit", leave);
  skipForm?.addEventListener("formdata", addAnswers);
  if (submit) restore();
}

function changed(field) {
  if (!submit || leaving) return;
  if (waiting) stopWaiting();
  if (field) touched.add(field.name);
  unsaved = true;
  keep();
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
  const own = form;
  unsaved = false;
  if (!tries) say(said.saving);
  const word = wordFor(await attempt());
  if (leaving || own !== form) return;
  if (word === "saved") saved();
  else failed(word);
  // What the server refuses is refused again: it is sent anew after a change, or when one comes back.
  const goesOn = word === "saved" || word === "unsaved";
  timer = unsaved && goesOn ? setTimeout(save, tries ? pauseAfter(tries) : PAUSE) : 0;
}

const words = { 400: "refused", 401: "out", 403: "gone", 404: "gone", 409: "stale", 413: "refused", 422: "refused" };
const wordFor = (answer) => answer?.word ?? (answer?.ok ? "saved" : (words[answer?.status] ?? "unsaved"));

// 403: a new sign-in in another tab has made this form's key an old one, or one may not code any more.
async function attempt() {
  const own = form;
  const answer = await sendDraft();
  if (answer?.status !== 403 || own !== form) return answer;
  const word = await renewKey();
  return word === "renewed" && own === form ? sendDraft() : { word };
}

async function sendDraft() {
  const own = form;
  const answer = await post(form.dataset.draft, typed());
  if (answer?.ok && own === form) storedAs = answer.headers.get("Draft-Stored-As");
  return answer;
}

// The answer of the server; null where none comes.
async function post(address, body) {
  const signal = AbortSignal.timeout(LONGEST);
  const headers = { "Sent-By": "script" };
  return fetch(address, { method: "POST", body, headers, redirect: "manual", signal }).catch(() => null);
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
  settle();
  say(said.saved);
  document.getElementById("unfinished")?.classList.remove("idle");
}

function failed(word) {
  unsaved = true;
  tries += 1;
  keep(); // Another tab at this post may have taken it away.
  say(said[word], true);
  if (word === "out" || word === "taken") status.append(" ", door());
  warn();
}

function door() {
  const link = document.createElement("a");
  const href = `${form.dataset.door}?next=${encodeURIComponent(form.getAttribute("action"))}`;
  Object.assign(link, { href, target: "_blank", textContent: said.door });
  return link;
}

addEventListener("focus", () => {
  if (waiting) send(...waiting);
  else if (unsaved && !timer) changed();
});
addEventListener("pagehide", () => {
  stopWaiting();
  if (!unsaved || leaving) return;
  navigator.sendBeacon(form.dataset.draft, typed());
});

// Answers that the server does not have yet wait in this browser, for the same annotator at the same post. They are
// sealed with every change: when the page is left it is too late, since ciphers answer later.

const isAnswer = (name) => /^(v-|none-|s-)|^(memo|unsure|correction_reason|question)$/.test(name);

async function openShelf(coder, { draft, seal, shelf }) {
  const { openPlace } = await import(shelf);
  return openPlace(coder, draft, seal);
}

// A browser may refuse to keep anything.
const onShelf = (deed) => shelf.then(deed).catch(() => null);

// The form says whether its answers as they stand may be lost with the page; `keeping` is where they lie, or null.
function keep() {
  const own = form;
  const fields = [...withUnasked()].filter(([name]) => isAnswer(name));
  const what = { storedAs, fields };
  own.dataset.kept = "no";
  const last = onShelf((place) => place.put(what).then(() => place));
  last.then((place) => place && last === keeping && (own.dataset.kept = "yes"));
  keeping = last;
}

function forget() {
  keeping = onShelf((place) => (place.clear(), place));
  form.dataset.kept = "yes";
}

const settle = () => (unsaved ? keep() : forget());

// Where nothing outlasts the tab, or the browser has no room, whoever closes it has to know.
async function warn() {
  const [sentence] = status.childNodes;
  const place = await keeping;
  if (!place?.lasts && status.firstChild === sentence) status.append(" ", said.fleeting);
}

function fill(fields, among = form.elements) {
  for (const field of among) {
    if (!isAnswer(field.name) || touched.has(field.name)) continue;
    const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.matches(typing)) field.value = values.at(-1) ?? "";
    else field.checked = values.includes(field.value);
  }
  const aside = form.querySelector(".aside");
  aside.open ||= form.elements.memo.value !== "" || form.elements.unsure.checked;
  const { question } = form.elements;
  if (question?.value) question.closest("details").open = true;
}

// A passage that the server does not know has no field yet.
async function restorePassages(fields) {
  const passages = fields.filter(([name]) => name.startsWith("s-"));
  if (!passages.length) return;
  const { arrive, restore } = await import(form.dataset.evidence);
  arrive(form);
  restore(passages);
}

// What the server has stored since is newer, and so is what was answered while this was opened. A form that is shown
// again has what was sent in it already; what was answered to questions that are not asked now was not sent, and is
// kept here alone.
async function restore() {
  const own = form;
  const kept = await onShelf((place) => place.read().catch(() => own === form && say(said.unreadable, true)));
  if (own !== form || leaving) return;
  const isNew = kept?.storedAs === storedAs;
  if (document.querySelector(".problems")) {
    if (isNew) fill(kept.fields, form.querySelectorAll(".question.unasked [name]"));
    return changed();
  }
  if (!isNew) return settle();
  fill(kept.fields);
  restorePassages(kept.fields);
  say(said.restored);
  changed();
}

function discard(event) {
  if (leaving) return event.preventDefault();
  leaving = true;
  clearTimeout(timer);
  forget();
}

// Submitting. The answers stay in the browser until the server has them: where it cannot be reached they are
// sent again, as the same submission, so that it counts once. What the server does not take as it is comes
// as a page, which the form then asks for by itself.

// A question to the lead goes to an address of its own, with the same answers.
function leave(event) {
  event.preventDefault();
  const { target, submitter } = event;
  if (!leaving) send(target, submitter?.getAttribute("formaction") ?? target.action);
}

async function send(sent, address) {
  stopWaiting();
  leaving = true;
  clearTimeout(timer);
  form.setAttribute("aria-busy", "true");
  if (submit) keep();
  const answer = await post(address, new URLSearchParams(new FormData(sent)));
  if (!answer || answer.status >= 500) return wait(sent, address);
  if (answer.status !== 204) return sendAsPage(sent, address);
  forget();
  goOn(answer.headers.get("Location"));
}

// What shows the next post in the place of this one is fetched with the first.
async function goOn(address) {
  const turning = await import(form.dataset.turning).catch(() => null);
  if (turning) turning.turnTo(address);
  else location.assign(address);
}

function sendAsPage(sent, address) {
  sent.action = address;
  HTMLFormElement.prototype.submit.call(sent);
}

function wait(sent, address) {
  waiting = [sent, address];
  leaving = false;
  unsaved = true;
  tries += 1;
  timer = 0;
  form.removeAttribute("aria-busy");
  if (submit) keep(); // Somebody may have gone on typing.
  say(said.waiting, true);
  warn();
  retry = setTimeout(() => send(sent, address), pauseAfter(tries));
}

// Whoever goes on changing answers will submit them again.
function stopWaiting() {
  clearTimeout(retry);
  waiting = null;
}

addEventListener("online", () => waiting && send(...waiting));

// The answers go with a skip, so that none is lost where it is refused.
function addAnswers({ formData }) {
  const own = new Set(formData.keys());
  for (const [name, value] of withUnasked()) if (!own.has(name)) formData.append(name, value);
}

// The page may come back from the browser's memory: then what it shows may be old.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// Back and forward lead to other posts, a link within the page does not.
addEventListener("popstate", () => {
  if (location.pathname !== place) location.reload();
});

arrive();
document.addEventListener("arrived", arrive);
