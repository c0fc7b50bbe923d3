"""What is looked for on a page: the rules of axe-core, and whether it can be used small or enlarged."""

import os
from collections.abc import Iterator
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.contrast import ONE_OF_A_KIND

WIDE, PHONE = (1280, 900), (390, 844)
# A page 1280 wide at 200 % has the room of 640; 320 is what 1.4.10 of the guidelines asks for.
SMALL = {"at 320 px": (320, 640), "at 200 %": (640, 400)}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}

# What sticks out of the page, and the controls that cannot be reached or are covered by something else.
_USABLE = """() => {
  const found = []
  const name = (node) => node.outerHTML.replace(/\\s+/g, ' ').slice(0, 110)
  const root = document.documentElement, width = root.clientWidth
  if (root.scrollWidth > width) {
    const wide = [...document.body.querySelectorAll('*')]
      .filter((node) => node.getBoundingClientRect().right > width + 1)
    found.push(`the page is ${root.scrollWidth} wide: ${wide.slice(0, 3).map(name).join(' | ')}`)
  }
  const controls = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  for (const control of controls) {
    if (control.type === 'hidden' || control.disabled) continue
    if (!control.checkVisibility({visibilityProperty: true})) continue
    control.focus({preventScroll: true})  // As by the keyboard: some are only shown then.
    const isTiny = control.getBoundingClientRect().width <= 2  // Its label is what one sees of it.
    const shown = isTiny && control.labels?.length ? control.labels[0] : control
    shown.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'})
    const box = shown.getClientRects()[0]
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
    if (hit && (shown.contains(hit) || hit.closest('label')?.control === control)) continue
    found.push(`${name(control)} ${hit ? 'is under ' + name(hit) : 'is outside'}`)
  }
  document.activeElement?.blur()
  scrollTo(0, 0)
  return found
}"""


Look = tuple[str, tuple[int, int], Literal["light", "dark"]]
LOOKS: tuple[Look, ...] = (
    ("wide, light", WIDE, "light"),
    ("phone, dark", PHONE, "dark"),
    ("wide, dark", WIDE, "dark"),
    ("phone, light", PHONE, "light"),
)


def faults(page: Page, turn: int) -> Iterator[str]:
    """What is wrong with the page that is open, looked at in one way: another with each `turn`.

    With `INTERCODER_EVERY_LOOK` set (`make look`) it is everything, in all four looks, at both small sizes
    and with the contrast of all letters, which takes many times as long.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    is_thorough = bool(os.environ.get("INTERCODER_EVERY_LOOK"))
    for name, (width, height), scheme in LOOKS if is_thorough else [LOOKS[turn % 2]]:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        if not is_thorough:
            page.evaluate(ONE_OF_A_KIND)
        yield from (f"{name}: {fault}" for fault in _violations(page))
    page.emulate_media(color_scheme="light")
    sizes = list(SMALL.items())
    for size, (width, height) in sizes if is_thorough else sizes[turn % 3 : turn % 3 + 1]:
        page.set_viewport_size({"width": width, "height": height})
        yield from (f"{size}: {fault}" for fault in page.evaluate(_USABLE))


def _violations(page: Page) -> Iterator[str]:
    results = page.evaluate("(options) => axe.run(document, options)", RULES)
    for violation in results["violations"]:
        for node in violation["nodes"]:
            yield f"{violation['id']}: {' '.join(map(str, node['target']))} ({node['html'][:110]})"
