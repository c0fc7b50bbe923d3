"""The commands that docs/operate.md names: in its blocks, and within its sentences."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "operate.md").read_text()
# A word in a sentence that is a command begins with one of these.
PROGRAMS = {
    *("intercoder", ".venv/bin/python", "make", "git", "docker", "nginx", "install", "sudo", "usermod"),
    *("journalctl", "systemctl", "systemd-analyze"),
}
LANGUAGES = {"console", "cron", "ini", "sh", "sql", "yaml"}

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
BLOCKS: list[tuple[str, str]] = _BLOCK.findall(PAGE)


def lines_in(language: str) -> list[str]:
    """The commands in the blocks of a language, without prompt and without remarks."""
    found = [line for name, block in BLOCKS if name == language for line in block.splitlines()]
    return [re.sub(r"^# |\s+#.*", "", line) for line in found]


def within_sentences() -> list[str]:
    """The commands that are named in running text; a program alone is none."""
    spans = re.findall(r"`([^`\n]+)`", _BLOCK.sub("", PAGE))
    return sorted({each for each in spans if " " in each and each.split()[0] in PROGRAMS})
