// Drafts that save themselves, and submissions that lose nothing on their way.
// A draft is saved a moment after a change, one after the other, and at once when the page is left.

const typing = "textarea, select, input:not([type=checkbox], [type=radio])";
const PAUSE = 1500;
const LONGEST = 20_000;
const pauseAfter = (tries) => Math.min(60_000, 1_000 * 2 ** tries);

// The post that is coded, and how its answers stand. Another takes its place without a new page.
let form, skipForm, submit, status, said, place, shelf, storedAs;
let unsaved, leaving, timer, tries, waiting, retry;

function arrive() {
  [form, skipForm, submit, status] = ["coding", "skip", "submit", "saved"].map((id) => document.getElementById(id));
  said = document.getElementById("keys").dataset;
  place = location.pathname;
  shelf = `unsent ${form.elements.coder.value} ${form.dataset.draft}`;
  ({ storedAs } = form.dataset);
  [unsaved, leaving, timer, tries, waiting, retry] = [false, false, 0, 0, null, 0];
  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, ({ target }) => target.form === form && changed());
  }
  document.getElementById("discard")?.addEventListener("submit", discard);
  for (const each of [form, skipForm]) each?.addEventListener("submit", leave);
  skipForm?.addEventListener("formdata", addAnswers);
  if (submit) restore();
}

function changed() {
  if (!submit || leaving) return;
  if (waiting) stopWaiting();
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

addEventListener("focus", () => {
  if (waiting) send(...waiting);
  else if (unsaved && !timer) changed();
});
addEventListener("pagehide", () => {
  stopWaiting();
  if (!unsaved || leaving) return;
  keep();
  navigator.sendBeacon(form.dataset.draft, typed());
});

// Answers that did not reach the server wait in this browser, for the same annotator at the same post.

const DAYS = 14;
const isAnswer = (name) => /^(v-|none-|s-)|^(memo|unsure|correction_reason|question)$/.test(name);

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

function fill(fields, among = form.elements) {
  for (const field of among) {
    if (!isAnswer(field.name)) continue;
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

// What the server has stored since is newer. A form that is shown again has what was sent in it already; what
// was answered to questions that are not asked now was not sent, and is kept here alone.
function restore() {
  onShelf(clearOld);
  const kept = onShelf((all) => JSON.parse(all.getItem(shelf)));
  const isNew = kept?.storedAs === storedAs;
  if (document.querySelector(".problems")) {
    if (isNew) fill(kept.fields, form.querySelectorAll(".question.unasked [name]"));
    return changed();
  }
  if (!isNew) return forget();
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
  say(said.waiting, true);
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
