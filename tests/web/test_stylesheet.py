"""What the stylesheet keeps to: contrast in both themes (WCAG 2.2, AA), weight, nothing from elsewhere."""

import gzip
import re

import pytest

from server.web.static_files import STATIC

STYLE = (STATIC / "app.css").read_text()
ON_PAPER = ("paper", "sheet", "tint")
TEXT_PAIRS = [(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ON_PAPER] + [
    *((ink, ground) for ink in ("accent", "bad", "warn", "good") for ground in ("paper", "sheet")),
    *(("ink", ground) for ground in ("accent-tint", "warn-tint", "bad-tint", "mark-a", "mark-b", "mark-c")),
    ("ink-2", "accent-tint"),
    ("ink-3", "accent-tint"),
    ("accent", "accent-tint"),
    ("warn", "warn-tint"),
    ("bad", "bad-tint"),
    ("accent-ink", "accent"),
    ("bad-ink", "bad"),
]
# Edges of what can be typed in or pressed, and marks that carry meaning (WCAG 2.2, 1.4.11).
EDGE_PAIRS = [("edge", "paper"), ("edge", "sheet"), ("accent", "tint"), ("bad", "tint")]


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def _themes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\n\s*\}", STYLE, re.DOTALL)[:2]
    return {"light": _colours(light), "dark": _colours(light) | _colours(dark)}


def _luminance(colour: str) -> float:
    """Relative luminance of a colour (WCAG 2.2, section 6)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _mixed(one: str, other: str, share: float) -> str:
    """`color-mix(in srgb, one share, other)`."""
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def test_contrast_is_computed_as_the_guidelines_say() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_the_dark_theme_names_every_colour() -> None:
    light, dark = re.findall(r":root \{(.*?)\n\s*\}", STYLE, re.DOTALL)[:2]
    assert set(_colours(light)) == set(_colours(dark))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_can_be_read(theme: str, ink: str, ground: str) -> None:
    colours = _themes()[theme]
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGE_PAIRS)
def test_edges_can_be_seen(theme: str, edge: str, ground: str) -> None:
    colours = _themes()[theme]
    assert contrast(colours[edge], colours[ground]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_can_be_read_in_the_darkest_cell_of_a_matrix(theme: str) -> None:
    colours = _themes()[theme]
    shares = [int(share) / 100 for share in re.findall(r"\.heat-\d \{ --heat: (\d+)%", STYLE)]
    assert len(shares) == 9
    cell = _mixed(colours["accent"], colours["sheet"], max(shares))
    assert contrast(colours["ink"], cell) >= 4.5


def test_the_stylesheet_is_light_and_asks_nobody_else_for_anything() -> None:
    assert len(gzip.compress(STYLE.encode())) <= 11_000  # As it travels.
    assert "@import" not in STYLE
    assert "url(" not in STYLE


def test_every_custom_property_that_is_used_is_defined() -> None:
    assert set(re.findall(r"var\(--([\w-]+)", STYLE)) <= set(re.findall(r"--([\w-]+):", STYLE))
