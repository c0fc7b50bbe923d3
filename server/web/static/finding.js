// Finding a code among many: by typing, and among those chosen lately. Loaded only where a question is long.

const MOST_RECENT = 5;
const KEPT_RECENT = 12;

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const boxIn = (row) => row.querySelector("input");
const labelIn = (row) => row.querySelector("label").textContent;

// Codes chosen lately, by question: their keys and nothing else. A browser may refuse to keep anything.

async function openRecent(form) {
  const { placeOf } = await import(form.dataset.shelf);
  const place = placeOf(`recent ${form.elements.coder.value}`, form.dataset.seal);
  return { place, chosen: (await place.read().catch(() => null)) ?? {} };
}

function note({ place, chosen }, question, value) {
  chosen[question] = [value, ...(chosen[question] ?? []).filter((one) => one !== value)].slice(0, KEPT_RECENT);
  place?.put(chosen).catch(() => null);
}

function offerRecent(question, tools, rows, chosen) {
  const place = tools.querySelector(".recent");
  const known = (chosen ?? []).map((value) => rows.find((row) => boxIn(row).value === value));
  for (const row of known.filter(Boolean).slice(0, MOST_RECENT)) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "tag", dir: "auto", textContent: labelIn(row) });
    button.addEventListener("click", () => boxIn(row).click());
    const show = () => (button.ariaPressed = boxIn(row).checked);
    question.addEventListener("change", show);
    show();
    place.append(button);
  }
  place.hidden = !place.querySelector("button");
}

// What is typed hides the codes without these words. The codes above a hit stay, and so does what is chosen.

function begin(question, tools, recent, choose) {
  const rows = [...question.querySelectorAll(".code:not(.none)")];
  const field = tools.querySelector("input");
  const told = tools.querySelector("[role=status]");
  const words = rows.map((row) => {
    const definition = row.querySelector(".definition > p")?.textContent ?? "";
    return plain(`${labelIn(row)} ${definition}`);
  });
  let hits = rows;

  const rowOf = (value) => rows.find((row) => boxIn(row).value === value);
  const allAbove = (row) => (row?.dataset.parent ? [rowOf(row.dataset.parent), ...allAbove(rowOf(row.dataset.parent))] : []);

  function filter() {
    const typed = plain(field.value).split(/\s+/).filter(Boolean);
    hits = rows.filter((_row, place) => typed.every((word) => words[place].includes(word)));
    const shown = new Set(hits.flatMap((row) => [row, ...allAbove(row)]));
    question.classList.toggle("filtered", typed.length > 0);
    for (const row of rows) row.classList.toggle("off", !shown.has(row) && !boxIn(row).checked);
    const sentence = hits.length === 1 ? told.dataset.one : hits.length ? told.dataset.some : told.dataset.none;
    told.textContent = typed.length ? sentence.replace("{count}", hits.length) : "";
  }

  function clear() {
    field.value = "";
    filter();
  }

  function chooseOnly() {
    const [row] = hits;
    if (hits.length !== 1) return;
    clear();
    if (boxIn(row).checked) boxIn(row).focus();
    else choose(boxIn(row));
  }

  const onField = {
    ArrowDown: () => hits.length && boxIn(hits[0]).focus(),
    Enter: chooseOnly,
    Escape: () => (field.value ? clear() : field.blur()),
  };
  field.addEventListener("keydown", (event) => {
    const deed = onField[event.key];
    if (!deed || event.isComposing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    deed();
  });

  // Among what was found the arrows lead from code to code and choose none; above the first is the field.
  question.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = hits.findIndex((row) => boxIn(row) === event.target);
    if (!step || at < 0 || !field.value) return;
    event.preventDefault();
    (at + step < 0 ? field : boxIn(hits[Math.min(at + step, hits.length - 1)])).focus();
  });

  field.addEventListener("input", filter);
  question.addEventListener("change", ({ target }) => {
    if (target === field) return;
    filter();
    if (target.checked && target.value && rowOf(target.value)) note(recent, target.name, target.value);
  });
  offerRecent(question, tools, rows, recent.chosen[boxIn(rows[0]).name]);
  tools.classList.add("ready");
}

/** Make every long question of the form searchable; `choose` chooses an input as its key would. */
export async function find(form, choose) {
  const recent = await openRecent(form).catch(() => ({ place: null, chosen: {} }));
  for (const tools of form.querySelectorAll(".finding")) begin(tools.closest(".question"), tools, recent, choose);
}
