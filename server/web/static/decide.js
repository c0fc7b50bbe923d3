// Keys for deciding. Without this file everything works with the mouse and the Tab key.

document.documentElement.classList.add("scripted"); // The keys are shown where they work.

const form = document.getElementById("decision");
const keys = document.getElementById("keys");
const TYPING = "textarea, select, input:not([type=checkbox], [type=radio])";

// "Nothing applies" and the codes of the same question put each other out.
form.addEventListener("change", ({ target }) => {
  if (!target.checked || target.type !== "checkbox") return;
  const question = target.closest(".question");
  for (const box of question?.querySelectorAll("input[type=checkbox]:checked") ?? []) {
    if (box !== target && ("none" in box.dataset) !== ("none" in target.dataset)) box.checked = false;
  }
});

function choose(key) {
  const input = [...form.querySelectorAll("input[data-key]")].find((each) => each.dataset.key === key);
  if (!input) return false;
  const folded = input.closest("details:not([open])");
  if (folded) folded.open = true;
  input.focus();
  input.click();
  return true;
}

function unfold() {
  const definitions = [...form.querySelectorAll("details.definition")];
  const open = definitions.some((each) => !each.open);
  for (const each of definitions) each.open = open;
}

function go(id) {
  document.getElementById(id)?.click();
}

const switches = [...document.querySelectorAll("[data-lane]")];

function showPassages() {
  const on = switches.some((each) => !each.checked);
  for (const each of switches) each.checked = on;
}

// Shift and the letter of an annotator: the codes have the small letters.
function showPassagesOf(letter) {
  const found = switches.find((each) => each.dataset.letters.split(", ").includes(letter));
  found?.click();
  return Boolean(found);
}

function fold(id) {
  const found = document.getElementById(id);
  if (!found) return;
  found.open = !found.open;
  (found.open && found.querySelector("select, textarea, input[type=checkbox]"))?.focus();
}

const actions = {
  d: unfold,
  e: showPassages,
  s: () => fold("similar"),
  q: () => fold("problem"),
  f: () => fold("back"),
  t: () => go("show-models"),
  ",": () => go("take-over"),
  ".": () => go("show-names"),
  m: () => document.getElementById("f-reason").focus(),
  ArrowRight: () => go("next"),
  ArrowLeft: () => go("previous"),
  "?": () => keys.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (keys.open) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    document.getElementById("decide").click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.(TYPING)) return;
  const act = actions[event.key];
  if (act || choose(event.key) || showPassagesOf(event.key)) event.preventDefault();
  act?.();
});

// What is selected in the post is what a click on "Example" takes; nothing selected is all of it.
const passage = document.querySelector("#take [name=passage]");
document.addEventListener("selectionchange", () => {
  if (!passage) return;
  const selected = getSelection();
  const within = [selected.anchorNode, selected.focusNode].every((node) => node?.parentElement?.closest(".reading > .post"));
  passage.value = within ? String(selected).trim() : "";
  for (const said of document.querySelectorAll("[data-taken]")) {
    said.hidden = (said.dataset.taken === "words") !== (passage.value !== "");
  }
});
for (const each of document.querySelectorAll("[form=take]")) {
  // Else the click itself would clear the selection before it is sent.
  each.addEventListener("pointerdown", (event) => event.preventDefault());
}

const show = document.getElementById("show-keys");
show.hidden = false;
show.addEventListener("click", () => keys.showModal());
