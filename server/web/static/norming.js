// Keys for going through a revealed round. Without this file everything works with the mouse and the Tab key.

const TYPING = "textarea, select, input:not([type=checkbox], [type=radio])";

const again = document.getElementById("again");

// "Nothing applies" and the codes of the same question put each other out.
again?.addEventListener("change", ({ target }) => {
  if (!target.checked || target.type !== "checkbox") return;
  for (const box of target.closest(".question")?.querySelectorAll("input[type=checkbox]:checked") ?? []) {
    if (box !== target && ("none" in box.dataset) !== ("none" in target.dataset)) box.checked = false;
  }
});

// The same keys as on the coding page choose an answer of the second coding.
function choose(key) {
  const input = [...(again?.querySelectorAll("[data-key]") ?? [])].find((each) => each.dataset.key === key);
  if (!input) return false;
  const folded = input.closest("details:not([open])");
  if (folded) folded.open = true;
  input.focus();
  if (!input.matches("textarea, input[type=text]")) input.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  // Sends the form one writes in.
  if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = target.closest?.("form");
    if (form) {
      event.preventDefault();
      form.requestSubmit();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || target.matches?.(TYPING)) return;
  if (choose(key)) return event.preventDefault();
  // Between the answers of a question the arrows go from one to the next.
  if (target.matches?.("input")) return;
  if (key === "ArrowRight") document.getElementById("next")?.click();
  if (key === "ArrowLeft") document.getElementById("previous")?.click();
});
