// What every page gains from a script; each works without it.

// A form that needs another look: go to what is said, with the name of each field before its sentence.
const problems = document.querySelector(".problems");
if (problems) {
  for (const link of problems.querySelectorAll("a[href^='#']")) {
    const field = document.getElementById(link.hash.slice(1));
    const label = field?.labels?.[0]?.firstChild ?? field?.querySelector("legend")?.firstChild;
    const name = label?.textContent.trim();
    if (name && !link.textContent.startsWith(name)) link.prepend(name.endsWith("?") ? `${name} ` : `${name}${problems.dataset.colon} `);
  }
  problems.focus();
}

// What asks for measures waits until the page is on the screen: measured before, it would be laid out twice.
const settleSoon = () => requestAnimationFrame(() => setTimeout(settle));
settleSoon();
document.addEventListener("arrived", settleSoon);

function settle() {
  for (const region of document.querySelectorAll(".scroll, .reading")) nameIfScrolled(region);
  showWhereOneIs();
}

// What is wider or longer than its place can be scrolled with the keyboard, and has a name.
function nameIfScrolled(region) {
  if (region.scrollWidth <= region.clientWidth && region.scrollHeight <= region.clientHeight) return;
  region.tabIndex = 0;
  const caption = region.querySelector("caption");
  if (!caption) return;
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", caption.textContent.trim());
}

// On a narrow screen the place one is at is in sight.
function showWhereOneIs() {
  const here = document.querySelector(".places [aria-current]");
  const places = here?.closest("nav");
  if (places) places.scrollLeft = here.offsetLeft - (places.clientWidth - here.offsetWidth) / 2;
}

// Whoever signs out in one tab leaves the others, too: they ask for their page again and get the sign-in. What would
// be lost stays: what is being written, but where the form says that it is kept, and what was answered to a form.
const signingOut = new BroadcastChannel("signing out");
let isSigningOut = false;
document.addEventListener("submit", ({ target }) => (isSigningOut = target.matches("[action$='/sign-out']")));
addEventListener("pagehide", () => isSigningOut && signingOut.postMessage(null));
signingOut.addEventListener("message", () => {
  const fields = [...document.querySelectorAll(":is(input, select, textarea)[name]:not([type=password])")];
  if (!fields.some(isLost) && !("answer" in document.body.dataset)) location.replace(location.pathname + location.search);
});

function isLost(field) {
  const kept = field.form?.dataset.kept;
  return kept === "no" || (kept !== "yes" && isChanged(field));
}

// From what the page came with, by whomever: a browser that fills in again what was written tells nobody.
function isChanged(field) {
  const preset = [...(field.options ?? [])].findLastIndex((option) => option.defaultSelected);
  if (field.options) return field.selectedIndex !== Math.max(0, preset);
  return /^(checkbox|radio)$/.test(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}
