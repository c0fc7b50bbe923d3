// Keys of the shared screen. Without this file everything works with the mouse and the Tab key.

const TYPING = "textarea, select, input:not([type=checkbox], [type=radio])";

document.addEventListener("change", ({ target }) => {
  if (target.type !== "checkbox" || !target.checked) return;
  const isNone = target.name.startsWith("none-");
  for (const box of target.form.querySelectorAll("input[type=checkbox]:checked")) {
    if (box !== target && box.name.startsWith("none-") !== isNone) box.checked = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.matches?.(TYPING)) return;
  const onButton = event.target.matches?.("button, a, summary");
  const found =
    event.key === "ArrowRight"
      ? document.getElementById("next")
      : event.key === "Enter" && !onButton
        ? (event.target.closest?.("form")?.querySelector("[data-record]") ?? document.querySelector("[data-record]"))
        : [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key && each.dataset.key === event.key);
  if (!found) return;
  event.preventDefault();
  found.focus();
  found.click();
});
