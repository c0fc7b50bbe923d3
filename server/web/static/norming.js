// Keys for going through a revealed round. Without this file everything works with the mouse and the Tab key.

const TYPING = "textarea, select, input";

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
  if (key === "ArrowRight") document.getElementById("next")?.click();
  if (key === "ArrowLeft") document.getElementById("previous")?.click();
});
