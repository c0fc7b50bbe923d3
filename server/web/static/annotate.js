// The annotator's comfort: keys, drafts that save themselves, one click that counts once.
// Everything here can also be done with the mouse, and without a script at all.

const form = document.getElementById("coding");
const keys = document.getElementById("keys");
const status = document.getElementById("saved");
const submit = document.getElementById("submit");
const said = keys.dataset;
const questions = [...form.querySelectorAll(".question")];
const typing = "textarea, select, input:not([type=checkbox], [type=radio])";

// Choosing

const choices = (question) => [...question.querySelectorAll("input[data-key]:not([data-none])")];
const isAnswered = (question) =>
  question.querySelector(":checked:not([value=''])") !== null ||
  [...question.querySelectorAll("textarea, input[type=text]")].some((field) => field.value.trim());
const here = () =>
  document.activeElement?.closest(".question") ?? questions.find((one) => !isAnswered(one)) ?? questions[0];

function choose(input) {
  if (!input || input.matches(":disabled")) return;
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

// Keys

function byKey(key) {
  if (/^[0-9]$/.test(key)) {
    const question = here();
    if (key === "0") return question?.querySelector("[data-none]");
    return choices(question)[Number(key) - 1];
  }
  return form.querySelector(`input[data-key="${CSS.escape(key)}"]`);
}

function unfold() {
  const all = [...(here()?.querySelectorAll("details.definition") ?? [])];
  const open = all.some((one) => !one.open);
  for (const one of all) one.open = open;
}

const deeds = {
  "?": () => (keys.open ? keys.close() : keys.showModal()),
  d: unfold,
  m: () => {
    const memo = form.elements.memo;
    memo.closest("details").open = true;
    memo.focus();
  },
  u: () => {
    form.elements.unsure.closest("details").open = true;
    choose(form.elements.unsure);
  },
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    if (!keys.open && !event.repeat && submit) form.requestSubmit(submit);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || target.closest(typing)) return;
  if (keys.open && key !== "?") return;
  if (key === "ArrowLeft" && target.type !== "radio") {
    document.getElementById("back")?.click();
    return;
  }
  const deed = deeds[key] ?? (/^[0-9a-z]$/.test(key) && byKey(key) ? () => choose(byKey(key)) : null);
  if (deed) {
    event.preventDefault();
    deed();
  }
});

const show = document.getElementById("show-keys");
show.hidden = false;
show.addEventListener("click", deeds["?"]);

// Drafts: saved a moment after a change, and at once when the page is left.

let unsaved = false;
let leaving = false;
let timer = 0;
let tries = 0;

function changed() {
  if (!submit || leaving) return;
  unsaved = true;
  clearTimeout(timer);
  timer = setTimeout(save, 1200);
}

const typed = () => new URLSearchParams(new FormData(form));

async function save() {
  if (!unsaved || leaving) return;
  unsaved = false;
  status.textContent = said.saving;
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body: typed(), redirect: "manual" });
    if (answer.status === 409) status.textContent = said.stale;
    else if (answer.ok) saved();
    else failed();
  } catch {
    failed();
  }
  status.classList.toggle("error", status.textContent !== said.saved && status.textContent !== said.saving);
}

function saved() {
  tries = 0;
  if (!unsaved) status.textContent = said.saved;
}

function failed() {
  status.textContent = said.unsaved;
  unsaved = true;
  tries += 1;
  timer = setTimeout(save, Math.min(60_000, 2_000 * 2 ** tries));
}

form.addEventListener("input", changed);
form.addEventListener("change", changed);
addEventListener("pagehide", () => {
  if (unsaved && !leaving) navigator.sendBeacon(form.dataset.draft, typed());
});

// One submission at a time. The page may come back from the browser's memory: then it is free again.

form.addEventListener("submit", (event) => {
  if (leaving) {
    event.preventDefault();
    return;
  }
  leaving = true;
  clearTimeout(timer);
  form.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
