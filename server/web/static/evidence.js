// Passages of the post as evidence for codes: selected with mouse, finger or keys, shown, taken out again.
// A passage is a ticked box in its question, `code:start-end`; the boxes are all that is sent. Places are
// counted in code points, as the server counts them.

const SHADES = 3;
const SHORT = 90;

// The post that is coded, and what its text consists of. Another takes its place without a new page.
let form, post, template, bar, text, codeInputs, shadeOf, letters, words;

/** Begin with the post of this form; nothing where it has begun. */
export function arrive(newForm) {
  if (newForm === form) return;
  form = newForm;
  [post, template] = ["post", "marking"].map((id) => document.getElementById(id));
  bar = template?.content.firstElementChild.cloneNode(true);
  codeInputs = [...form.querySelectorAll("[name^='v-']:is([type=checkbox], [type=radio]):not([value=''])")];
  shadeOf = new Map(codeInputs.map((input, at) => [`${input.name} ${input.value}`, 1 + (at % SHADES)]));
  readText();
  [current, comesFrom] = [null, null];
  if (bar) offering();
  showing();
}

function readText() {
  text = post.textContent;
  const parts = (granularity) => [...new Intl.Segmenter(undefined, { granularity }).segment(text)];
  letters = parts("grapheme").map((one) => one.index);
  words = parts("word").filter((one) => one.isWordLike);
}

const boxes = () => [...form.querySelectorAll("[data-evidence]")];
const labelOf = (input) => input.dataset.label ?? input.labels[0].textContent.trim();
const points = (units) => [...text.slice(0, units)].length;
const units = (count) => [...text].slice(0, count).join("").length;

// From the post to places in its text, and back

function placeOf(node, offset) {
  const before = document.createRange();
  before.selectNodeContents(post);
  before.setEnd(node, offset);
  return before.toString().length;
}

function rangeOf(start, end) {
  const range = document.createRange();
  const walker = document.createTreeWalker(post, NodeFilter.SHOW_TEXT);
  let passed = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.data.length;
    if (start >= passed && start < passed + length) range.setStart(node, start - passed);
    if (end > passed && end <= passed + length) range.setEnd(node, end - passed);
    passed += length;
  }
  return range;
}

// No letter is cut from its accent, no face from its colour; and no passage begins or ends with a space.
function tidy(start, end) {
  while (start < end && /\s/.test(text[start])) start += 1;
  while (end > start && /\s/.test(text[end - 1])) end -= 1;
  if (start === end) return null;
  return { start: letters.findLast((at) => at <= start), end: letters.find((at) => at >= end) ?? text.length };
}

function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(post)) return null;
  const start = post.contains(range.startContainer) ? placeOf(range.startContainer, range.startOffset) : 0;
  const end = post.contains(range.endContainer) ? placeOf(range.endContainer, range.endOffset) : text.length;
  return tidy(start, end);
}

// Showing

const codeOf = (box) => form.querySelector(`[name="v-${CSS.escape(box.name.slice(2))}"][value="${CSS.escape(box.dataset.evidence)}"]`);
const placesOf = (box) => box.value.slice(box.value.lastIndexOf(":") + 1).split("-").map((count) => units(Number(count)));

// A passage counts as long as its code is chosen; chosen again, the code has its passages back.
function draw() {
  const marked = Array.from({ length: SHADES + 1 }, () => []);
  for (const box of boxes()) {
    const code = codeOf(box);
    box.disabled = !code?.checked;
    box.closest("li").hidden = box.disabled;
    const counts = box.checked && !box.disabled && !box.closest(".unasked");
    if (counts) marked[shadeOf.get(`${code.name} ${code.value}`)].push(rangeOf(...placesOf(box)));
  }
  for (const [shade, ranges] of marked.entries()) if (shade) shine(`evidence-${shade}`, ranges);
}

function shine(name, ranges) {
  if (!CSS.highlights) return;
  if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges));
  else CSS.highlights.delete(name);
}

function pointOut({ target }) {
  const box = target.closest?.(".evidence li:not([hidden])")?.querySelector("[data-evidence]");
  shine("evidence-here", box?.checked ? [rangeOf(...placesOf(box))] : []);
}

// Marking

function listOf(question) {
  const found = question.querySelector(".evidence");
  if (found) return found;
  const list = document.createElement("ul");
  list.className = "evidence";
  list.setAttribute("aria-label", template.dataset.passages);
  question.append(list);
  return list;
}

function boxFor(code, value) {
  const name = `s-${code.name.slice(2)}`;
  const known = boxes().find((box) => box.name === name && box.value === value);
  if (known) return known;
  const row = document.createElement("li");
  const label = document.createElement("label");
  const box = Object.assign(document.createElement("input"), { type: "checkbox", name, value });
  box.dataset.evidence = code.value;
  const tag = Object.assign(document.createElement("span"), { className: "tag", dir: "auto", textContent: labelOf(code) });
  const [start, end] = placesOf(box);
  const quote = Object.assign(document.createElement("q"), { dir: "auto", textContent: text.slice(start, end) });
  label.append(box, " ", tag, " ", quote);
  row.append(label);
  listOf(code.closest(".question")).append(row);
  return box;
}

function mark(code) {
  const { start, end } = current;
  if (!code.checked) code.click();
  const box = boxFor(code, `${code.value}:${points(start)}-${points(end)}`);
  box.checked = true;
  box.disabled = false;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  leave();
}

// What was kept in the browser: fields of passages that the page may not have.
export function restore(fields) {
  for (const [name, value] of fields) {
    const key = value.slice(0, value.lastIndexOf(":"));
    const code = codeInputs.find((input) => input.name === `v-${name.slice(2)}` && input.value === key);
    if (code) boxFor(code, value).checked = true;
  }
  draw();
}

// The bar below the post, while something is selected

let current, comesFrom;

function offer(passage) {
  current = passage;
  const marked = text.slice(passage.start, passage.end);
  bar.querySelector("q").textContent = marked.length > SHORT ? `${marked.slice(0, SHORT)}…` : marked;
  const select = bar.querySelector("select");
  for (const old of bar.querySelectorAll("button.code-button, optgroup")) old.remove();
  const ready = codeInputs.filter((input) => !input.matches(":disabled"));
  for (const code of ready.filter((input) => input.checked)) select.before(buttonFor(code));
  for (const question of form.querySelectorAll(".question:not(:disabled)")) select.append(groupOf(question));
  if (!bar.isConnected) post.after(bar);
}

function buttonFor(code) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button little code-button", textContent: labelOf(code) });
  if (code.dataset.key) button.append(" ", Object.assign(document.createElement("kbd"), { textContent: code.dataset.key, ariaHidden: "true" }));
  button.addEventListener("click", () => mark(code));
  return button;
}

function groupOf(question) {
  const group = document.createElement("optgroup");
  group.label = question.querySelector("legend > span").textContent;
  for (const code of codeInputs.filter((input) => question.contains(input))) {
    group.append(new Option(labelOf(code), codeInputs.indexOf(code)));
  }
  group.hidden = !group.children.length;
  return group;
}

function leave() {
  current = null;
  bar.remove();
  if (post.contains(getSelection().anchorNode)) getSelection().removeAllRanges();
  comesFrom?.focus({ preventScroll: true });
  comesFrom = null;
  post.removeAttribute("tabindex");
}

function look() {
  if (!bar) return;
  const passage = selected();
  if (passage) offer(passage);
  else if (current && !bar.contains(document.activeElement)) {
    current = null;
    bar.remove();
  }
}

// With keys: word by word

const reach = { from: 0, to: 0 };

export function begin() {
  if (!words.length || !bar) return;
  comesFrom ??= document.activeElement;
  post.tabIndex = -1;
  post.focus({ preventScroll: true });
  select(0, 0);
}

function select(from, to) {
  Object.assign(reach, { from, to });
  const [first, last] = [words[Math.min(from, to)], words[Math.max(from, to)]];
  const range = rangeOf(first.index, last.index + last.segment.length);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  const box = range.getBoundingClientRect();
  if (box.top < 0 || box.bottom > innerHeight - 160) range.endContainer.parentElement.scrollIntoView({ block: "center" });
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -8, ArrowDown: 8, Home: -Infinity, End: Infinity };

function step(event) {
  const isTurned = getComputedStyle(post).direction === "rtl" && /Left|Right/.test(event.key);
  const to = Math.max(0, Math.min(words.length - 1, reach.to + (isTurned ? -1 : 1) * STEPS[event.key]));
  select(event.shiftKey ? reach.from : to, to);
}

function onKey(event) {
  if (!current || event.ctrlKey || event.metaKey || event.altKey) return;
  const isAtPost = document.activeElement === post;
  const key = event.shiftKey ? event.key : event.key.toLowerCase();
  const code = codeInputs.find((input) => input.dataset.key === key && !input.matches(":disabled"));
  if (event.key === "Escape") leave();
  else if (isAtPost && event.key in STEPS) step(event);
  else if (isAtPost && event.key === "Enter") bar.querySelector("button, select").focus();
  else if (code && !bar.querySelector("select").matches(":focus")) mark(code);
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

document.addEventListener("selectionchange", look);
document.addEventListener("keydown", onKey, true);

function offering() {
  bar.querySelector("button.link").addEventListener("click", leave);
  bar.querySelector("select").addEventListener("change", ({ target }) => target.value && mark(codeInputs[target.value]));
  // The selection stays while a button is pressed.
  bar.addEventListener("pointerdown", (event) => event.target.closest("button") && event.preventDefault());
  look();
}

function showing() {
  form.addEventListener("change", draw);
  for (const kind of ["pointerover", "focusin"]) form.addEventListener(kind, pointOut);
  draw();
}
