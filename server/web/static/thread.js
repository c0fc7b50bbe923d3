// The thread around the post, read from its page when it is opened first, and shown below the post.

let comesFrom = null;

async function load(details, way) {
  const link = way.querySelector("a");
  try {
    const response = await fetch(link.href);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    way.replaceWith(page.querySelector(".thread"));
  } catch {
    // Out of reach, or signed out: the link leads to what there is to do.
    way.replaceChildren(details.dataset.failed, " ", link);
  }
}

// The hand goes to the thread with its key, and back to where it was.
export async function turn(details) {
  const [summary, way] = [details.firstElementChild, details.querySelector(":scope > p")];
  if (details.open) {
    comesFrom = document.activeElement;
    summary.focus({ preventScroll: true });
    if (way) await load(details, way);
    // The post stays in sight, unless all of the thread would be below the edge.
    const isLow = summary.getBoundingClientRect().top > innerHeight * 0.7;
    summary.scrollIntoView({ block: isLow ? "center" : "nearest" });
  } else if (document.activeElement === summary || details.contains(document.activeElement)) {
    comesFrom?.focus({ preventScroll: true });
    comesFrom = null;
  }
}
