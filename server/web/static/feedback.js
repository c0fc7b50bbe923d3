// Feedback in a training: Enter goes on from wherever one reads, and so does Ctrl+Enter, as on the desk.
document.documentElement.classList.add("scripted"); // The key is shown where it works.
const next = document.querySelector(".submit .first");
next.focus({ preventScroll: true });

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.repeat || event.altKey || event.shiftKey) return;
  const isWithCtrl = event.ctrlKey || event.metaKey;
  if (!isWithCtrl && event.target.closest("a, button, summary, input, textarea, select")) return;
  event.preventDefault();
  next.click();
});
