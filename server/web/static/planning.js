/* The form for a round: its numbers follow what is changed. The preview's own route answers; without this script
   the button leads there. */

const QUIET = 500; // Milliseconds after the last change.

const form = document.querySelector("form[data-live]");
const place = form && document.getElementById(form.dataset.live);
let timer, asked;

async function ask() {
  asked?.abort();
  asked = new AbortController();
  const query = new URLSearchParams(new FormData(form));
  query.set("part", "figures");
  const options = { signal: asked.signal, redirect: "manual" };
  const answer = await fetch(`${form.action}?${query}`, options).catch(() => null);
  if (!answer || ![200, 422].includes(answer.status)) return;
  show(await answer.text(), answer.ok);
}

function show(html, isPlan) {
  const said = place.querySelector("[role=status]");
  place.querySelector("[data-figures]").innerHTML = html;
  place.hidden = false;
  said.textContent = "";
  // Said anew, though the words are the same.
  requestAnimationFrame(() => { said.textContent = isPlan ? said.dataset.said : said.dataset.refused; });
}

function changed() {
  clearTimeout(timer);
  timer = setTimeout(ask, QUIET);
}

if (place) {
  form.addEventListener("input", changed);
  ask();
}
