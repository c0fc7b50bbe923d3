// Questions that are asked only after certain answers: shown when these are given, and out of the way
// otherwise. What stands in a question that is not asked stays there, and a disabled field is not sent.

const form = document.getElementById("coding");
const told = document.getElementById("told");
const said = document.getElementById("keys").dataset;
const conditional = [...form.querySelectorAll("[data-when]")];
const isClosed = !document.getElementById("submit");

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
  question.disabled = isClosed || !isShown;
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
for (const question of conditional) put(question, isAsked(question) || question.matches("[aria-invalid=true]"));
form.addEventListener("change", decide);
