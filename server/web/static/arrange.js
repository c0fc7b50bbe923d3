// Codes and variables of the draft are put elsewhere with a handle: dragged, or with the arrow keys.
// Without this file the buttons beside them do the same, one place at a time. What is sent is their form.

const STEP = 28; // So many pixels to the side are one level.
const KEYS = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };
const main = document.querySelector("main");
const told = document.body.appendChild(document.createElement("p"));
told.className = "unseen";
told.setAttribute("role", "status");
document.documentElement.classList.add("arranges");
let drag = null;
let isSending = false;

const words = () => document.getElementById("arranging").dataset;
const listOf = (item) => [...item.parentElement.children].filter((each) => each.dataset.item);
const depthOf = (item) => Number(item.dataset.depth ?? 0);
const parentOf = (item) => item.dataset.parent ?? "";

async function send(item, fields) {
  if (isSending) return;
  isSending = true;
  const form = item.querySelector("form.moves");
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const id = item.dataset.item;
  try {
    const response = await fetch(form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (response.status < 500 && page.getElementById("arranging")) show(page, id);
    else location.reload(); // Signed out, or no longer allowed: what there is to do is said there.
  } catch {
    told.textContent = words().failed;
  }
  isSending = false;
}

function show(page, id) {
  const opened = [...main.querySelectorAll("details[open]")].length;
  main.replaceChildren(...page.querySelector("main").childNodes);
  const problem = main.querySelector(".problems");
  if (problem) return problem.focus();
  const item = main.querySelector(`[data-item="${CSS.escape(id)}"]`);
  const handle = item?.querySelector(".handle");
  handle?.focus({ preventScroll: opened === 0 });
  handle?.scrollIntoView({ block: "nearest" });
  if (item) tell(item);
}

function tell(item) {
  const siblings = listOf(item).filter((each) => parentOf(each) === parentOf(item));
  const above = listOf(item).find((each) => each.dataset.key === parentOf(item));
  const said = {
    label: item.dataset.label,
    place: siblings.indexOf(item) + 1,
    count: siblings.length,
    parent: above?.dataset.label,
  };
  told.textContent = (above ? words().below : words().place).replace(/\{(\w+)\}/g, (_all, name) => said[name]);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag) return end();
  const handle = event.target.closest?.(".handle");
  const direction = KEYS[event.key];
  if (!handle || !direction || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const item = handle.closest("[data-item]");
  // What cannot go there stays, and is said to be where it is.
  const button = item.querySelector(`form.moves [value="${direction}"]`);
  if (!button || button.disabled) tell(item);
  else send(item, { direction });
});

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest?.(".handle");
  if (!handle || event.button !== 0) return;
  const item = handle.closest("[data-item]");
  const all = listOf(item);
  const first = all.indexOf(item);
  let last = first + 1;
  while ("depth" in item.dataset && last < all.length && depthOf(all[last]) > depthOf(item)) last += 1;
  const others = [...all.slice(0, first), ...all.slice(last)];
  const line = document.createElement(item.tagName === "LI" ? "li" : "div");
  line.className = "landing";
  drag = { item, handle, others, line, x: event.clientX, y: event.clientY, place: null };
  handle.setPointerCapture(event.pointerId);
});

document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  if (!drag.place && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 6) return;
  event.preventDefault();
  drag.item.classList.add("dragged");
  drag.place = placeAt(event);
  const { next, depth } = drag.place;
  drag.line.style.setProperty("--depth", depth);
  if (next) next.before(drag.line);
  else drag.others.at(-1)?.after(drag.line);
  if (event.clientY < 60) scrollBy(0, -12);
  if (event.clientY > innerHeight - 60) scrollBy(0, 12);
});

// Where it would stand: before `next`, as deep as the hand went to the side and as its neighbours allow.
function placeAt(event) {
  const { item, others } = drag;
  const found = others.findIndex((each) => {
    const box = each.getBoundingClientRect();
    return event.clientY < box.top + box.height / 2;
  });
  const index = found < 0 ? others.length : found;
  const [before, next] = [others[index - 1], others[index]];
  if (!("depth" in item.dataset)) return { next, depth: 0, parent: "", place: index };
  const wanted = depthOf(item) + Math.round((event.clientX - drag.x) / STEP);
  const most = before ? depthOf(before) + 1 : 0;
  const depth = Math.max(next ? depthOf(next) : 0, Math.min(wanted, most));
  const above = others.slice(0, index);
  const parent = above.findLast((each) => depthOf(each) === depth - 1)?.dataset.key ?? "";
  return { next, depth, parent, place: above.filter((each) => parentOf(each) === parent).length };
}

function end() {
  const ended = drag;
  drag = null;
  ended.line.remove();
  ended.item.classList.remove("dragged");
  return ended;
}

document.addEventListener("pointerup", () => {
  if (!drag) return;
  const { item, handle, place } = end();
  if (!place) return handle.focus();
  send(item, { direction: "to", parent_key: place.parent, place: place.place });
});
document.addEventListener("pointercancel", () => drag && end());
