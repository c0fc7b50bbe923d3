// Choosing answers with fewer clicks, and with keys alone.
// Everything here can also be done with the mouse, and without a script at all.

document.documentElement.classList.add("scripted");
const typing = "textarea, select, input:not([type=checkbox], [type=radio])";

// The post that is coded. Another takes its place without a new page.
let form, skipForm, keys, submit, ask, told, said, questions;

function arrive() {
  const ids = ["coding", "skip", "keys", "submit", "ask", "told"];
  [form, skipForm, keys, submit, ask, told] = ids.map((id) => document.getElementById(id));
  said = keys.dataset;
  questions = [...form.querySelectorAll(".question")];
  for (const begin of [choosing, folding, settling, asking, marking, missing, finding, veiling, keying]) begin();
}

// Choosing

const isAnswered = (question) =>
  question.querySelector(":checked:not([value=''], [data-evidence])") !== null ||
  [...question.querySelectorAll("textarea, input[type=text]")].some((field) => field.value.trim());
const here = () =>
  document.activeElement?.closest(".question") ?? questions.find((one) => !one.disabled && !isAnswered(one)) ?? questions[0];

function choose(input) {
  if (input.matches(":disabled")) return;
  if (input.matches(typing)) return input.focus();
  const closed = input.closest("details:not([open])");
  if (closed) closed.open = true;
  unfoldTo(input);
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
function exclude({ target }) {
  const question = target.closest(".question");
  if (question?.dataset.kind !== "multiple" || !target.checked) return;
  for (const other of question.querySelectorAll("input[type=checkbox]")) {
    if (other !== target && "none" in other.dataset !== "none" in target.dataset) other.checked = false;
  }
}

// An answer that need not be given can be taken back with a second click.
let before;
function noteBefore({ target }) {
  const row = target.closest("label, .code");
  before = row?.querySelector("input[type=radio]:checked") ?? null;
}
function takeBack({ target }) {
  if (target === before) unchoose(target);
  if (target.type === "radio") before = null;
}

function choosing() {
  before = null;
  form.addEventListener("change", exclude);
  form.addEventListener("pointerdown", noteBefore);
  form.addEventListener("click", takeBack);
}

// Codes under others are shown when one of them is chosen or the code above is, or when they are opened by
// hand. They are chosen independently: only whoever takes a code back takes back those below it, too, and
// has them again by choosing it again.

let openers, above, openedByHand, takenBack;

function rowsAbove() {
  const above = new Map();
  for (const row of form.querySelectorAll(".code[data-parent]")) {
    const parent = `.code > input[value="${CSS.escape(row.dataset.parent)}"]`;
    above.set(row, row.closest(".question").querySelector(parent).parentElement);
  }
  return above;
}

function allAbove(row) {
  const up = above.get(row);
  return up ? [up, ...allAbove(up)] : [];
}
const allBelow = (row) => [...above.keys()].filter((one) => allAbove(one).includes(row));
const boxIn = (row) => row.querySelector("input");

function fold() {
  const rows = [...above.keys()].filter((row) => boxIn(row).checked);
  const chosen = new Set(rows.flatMap((row) => [row, ...allAbove(row)]));
  const isOpen = (row) => openedByHand.get(row) ?? (chosen.has(row) || boxIn(row).checked);
  for (const row of above.keys()) {
    row.classList.toggle("folded", !chosen.has(row) && !allAbove(row).every(isOpen));
  }
  for (const one of openers) one.ariaExpanded = isOpen(one.parentElement);
}

function unfoldTo(input) {
  for (const row of allAbove(input.closest(".code"))) openedByHand.set(row, true);
  fold();
}

function takeBackBelow(row) {
  const chosen = allBelow(row).map(boxIn).filter((input) => input.checked);
  takenBack.set(row, chosen);
  for (const input of chosen) input.checked = false;
  for (const one of allBelow(row)) openedByHand.delete(one);
}

function giveBackBelow(row) {
  for (const input of takenBack.get(row) ?? []) input.checked = true;
  takenBack.delete(row);
}

function followParent({ target }) {
  const row = target.closest(".code");
  if (target.type === "checkbox" && row?.querySelector(".opener")) {
    openedByHand.delete(row);
    if (target.checked) giveBackBelow(row);
    else takeBackBelow(row);
  }
  unfoldTo(target);
}

function openByHand({ currentTarget }) {
  openedByHand.set(currentTarget.parentElement, currentTarget.ariaExpanded === "false");
  fold();
}

function folding() {
  openers = [...form.querySelectorAll(".opener")];
  [above, openedByHand, takenBack] = [rowsAbove(), new Map(), new Map()];
  if (!openers.length) return;
  form.addEventListener("change", followParent);
  for (const one of openers) one.addEventListener("click", openByHand);
  fold();
}

// What was wrong with an answer is no longer said when it is answered.
function settle({ target }) {
  const place = target.closest(".question") ?? target;
  if (!place.matches("[aria-invalid=true]") || (place !== target && !isAnswered(place))) return;
  place.removeAttribute("aria-invalid");
  forgive(place, place.dataset.field ?? place.id);
}
function forgive(place, id) {
  document.getElementById(`${id}-error`)?.remove();
  place.removeAttribute("aria-describedby");
  const problems = document.querySelector(".problems");
  problems?.querySelector(`a[href="#${CSS.escape(id)}"]`)?.closest("li").remove();
  if (!problems?.querySelector("li")) problems?.remove();
}

// A link to a question leads to its first answer; one to a field leads there without a script, too.
function lead(event) {
  const place = document.getElementById(event.target.closest("a")?.hash.slice(1));
  if (!place) return;
  event.preventDefault();
  (place.closest(".question") ?? place).scrollIntoView();
  (place.matches(".question") ? place.querySelector("input[name]") : place).focus({ preventScroll: true });
}

function settling() {
  for (const kind of ["input", "change", "unasked"]) form.addEventListener(kind, settle);
  document.querySelector(".problems")?.addEventListener("click", lead);
}

// Questions that are asked only after certain answers: shown when these are given, and out of the way
// otherwise. What stands in a question that is not asked stays there, and a disabled field is not sent.

let conditional;

const isAsked = (question) => question.dataset.when.split(" ").some(isGiven);

// Questions stand behind those that they depend on, so that these are decided before.
function isGiven(answer) {
  const at = answer.indexOf("=");
  const name = CSS.escape(answer.slice(0, at));
  const value = CSS.escape(answer.slice(at + 1));
  const input = form.querySelector(`[name="${name}"][value="${value}"]:checked`);
  return input !== null && !input.closest(".question").matches(".unasked");
}

function put(question, isShown) {
  question.classList.toggle("unasked", !isShown);
  question.disabled = !submit || !isShown;
  if (!isShown) question.dispatchEvent(new Event("unasked", { bubbles: true }));
}

const label = (question) => question.querySelector("legend > span").textContent;

// What comes and goes is told politely, and the hand stays where it is.
function decide() {
  const changes = [];
  for (const question of conditional) {
    const isShown = isAsked(question);
    if (isShown !== question.matches(".unasked")) continue;
    put(question, isShown);
    changes.push((isShown ? said.asked : said.unasked).replace("{question}", label(question)));
  }
  if (changes.length) told.textContent = changes.join(". ");
}

// At first, what was refused stays in sight: that is where it says why.
function asking() {
  conditional = [...form.querySelectorAll("[data-when]")];
  for (const question of conditional) put(question, isAsked(question) || question.matches("[aria-invalid=true]"));
  form.addEventListener("change", decide);
}

// Passages as evidence: what that takes is fetched when it is needed first.

async function evidence() {
  const passages = await import(form.dataset.evidence);
  passages.arrive(form);
  return passages;
}

function onSelection() {
  const selection = getSelection();
  if (selection.isCollapsed || !document.getElementById("post").contains(selection.anchorNode)) return;
  document.removeEventListener("selectionchange", onSelection);
  evidence();
}

function marking() {
  document.removeEventListener("selectionchange", onSelection);
  if (form.querySelector("[data-evidence]")) evidence();
  else if (submit) document.addEventListener("selectionchange", onSelection);
}

// What has to be answered and is not, beside the button that submits. Nothing is said before the first answer.

const MOST_MISSING = 3;
let gaps;

function linkTo(question) {
  const link = document.createElement("a");
  link.href = `#${question.dataset.field}`;
  Object.assign(link, { dir: "auto", textContent: label(question), title: label(question) });
  return link;
}

function tellMissing() {
  const isBegun = questions.some(isAnswered);
  const open = questions.filter((one) => "required" in one.dataset && !one.disabled && !isAnswered(one));
  const found = isBegun ? open : [];
  if (found.map((one) => one.id).join() === gaps.dataset.told) return;
  gaps.dataset.told = found.map((one) => one.id).join();
  const links = found.slice(0, MOST_MISSING).map(linkTo);
  const more = found.length - links.length;
  gaps.replaceChildren(
    ...(found.length ? [gaps.dataset.missing] : []),
    ...links,
    ...(more ? [gaps.dataset.more.replace("{count}", more)] : []),
  );
}

function missing() {
  gaps = document.getElementById("missing");
  if (!gaps) return;
  for (const kind of ["input", "change"]) form.addEventListener(kind, tellMissing);
  gaps.addEventListener("click", lead);
  tellMissing();
}

// A field that finds a code, where a question has many; the thread around the post, fetched when it is opened
// first.
async function finding() {
  const [finder, thread] = [form.querySelector(".finding"), document.querySelector(".in-thread")];
  thread?.addEventListener("toggle", async () => (await import(thread.dataset.script)).turn(thread));
  if (finder) (await import(finder.dataset.script)).find(form, choose);
}

const findingField = () => (here().querySelector(".finding input") ?? form.querySelector(".question:not(:disabled) .finding input"));

// Keys. A code's key chooses that code, wherever one is; no code has the key of a command.

// The definition of the code one is at; of all codes of the question where one is at none.
function explain() {
  const focused = document.activeElement;
  const own = focused.closest(".code")?.querySelector("details.definition");
  const definition = own ?? focused.closest(".scale")?.parentElement.querySelector("details.definition");
  if (!definition) return explainAll();
  definition.open = !definition.open;
  if (definition.open) definition.scrollIntoView({ block: "nearest" });
  focused.closest(".code, .scale").scrollIntoView({ block: "nearest" });
}

function explainAll() {
  const all = [...(here()?.querySelectorAll("details.definition") ?? [])];
  const open = all.some((one) => !one.open);
  for (const one of all) one.open = open;
}

function openAt(field) {
  if (!field) return;
  field.closest("details").open = true;
  field.focus();
}

const toggleKeys = () => (keys.open ? keys.close() : keys.showModal());

const follow = (id) => document.getElementById(id)?.click();

// A post that is hidden until it is opened. The form says that it was: by hand in a box, where no script does.
let veil, opener;
function veiling() {
  veil = document.getElementById("veil");
  opener = veil?.querySelector("summary");
  veil?.addEventListener("toggle", noteOpened);
}
function noteOpened() {
  const box = veil.querySelector("[name=opened]");
  if (!veil.open || !box) return;
  box.checked = true;
  forgive(opener, opener.id);
}
async function mark() {
  if (veil) veil.open = true;
  (await evidence()).begin();
}

// Which key a command has is the annotator's choice; one without a key has none.
let deeds;
const commands = () => [
  ["ArrowLeft", () => follow("back")],
  ["ArrowRight", () => follow("next")],
  [said.keyHelp, toggleKeys],
  [said.keyDefinition, explain],
  [said.keyDefinitions, explainAll],
  [said.keyEvidence, mark],
  [said.keyFind, () => findingField()?.focus()],
  [said.keyMemo, () => openAt(form.elements.memo)],
  [said.keyQuestion, () => openAt(form.elements.question)],
  [said.keyShow, () => opener?.click()],
  [said.keySkip, () => openAt(skipForm?.elements.reason)],
  [said.keyThread, () => follow("thread")],
];

function keying() {
  deeds = Object.fromEntries(commands().filter(([key]) => key));
  for (const [id, deed] of [["show-keys", toggleKeys], ["mark", mark]]) {
    const button = document.getElementById(id);
    if (!button) continue;
    button.hidden = false;
    button.addEventListener("click", deed);
  }
}

function deedOf(key) {
  if (deeds[key]) return deeds[key];
  const input = key.length === 1 ? form.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
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
    if (!keys.open && !event.repeat && submit) form.requestSubmit(target.name === "question" ? ask : submit);
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
  if (keys.open && key !== said.keyHelp) return;
  const deed = deedOf(key);
  if (!deed) return;
  event.preventDefault();
  if (!event.repeat) deed();
});

arrive();
document.addEventListener("arrived", arrive);
