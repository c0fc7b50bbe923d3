"""The configurations under docs/examples say what docs/operate.md says of them, and fit the program."""

import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.app import ROUTERS
from server.settings import Settings
from server.web.watching import Metrics

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
PAGE = (EXAMPLES.parent / "operate.md").read_text()
NGINX = (EXAMPLES / "nginx.conf").read_text()
CADDY = (EXAMPLES / "Caddyfile").read_text()
DEFAULTS = Settings.model_fields


class Unit(RawConfigParser):
    """A systemd unit: a name may stand several times, and each time counts."""

    def __init__(self, name: str) -> None:
        super().__init__(strict=False, delimiters=("=",), comment_prefixes=("#",))
        self.optionxform = str  # type: ignore[assignment, method-assign]
        text = (EXAMPLES / name).read_text()
        self.read_string(text)
        self.environment = dict(re.findall(r"^Environment=(\w+)=(.*)$", text, re.MULTILINE))


@pytest.mark.parametrize("file", sorted(EXAMPLES.iterdir()), ids=lambda file: file.name)
def test_every_example_is_told_of(file: Path) -> None:
    assert f"examples/{file.name}" in PAGE or f"examples/{file.stem}.*" in PAGE


@pytest.mark.parametrize("name", ["intercoder.service", "intercoder-backup.service"])
def test_a_service_writes_to_its_folders_alone_and_gains_no_rights(name: str) -> None:
    service = Unit(name)["Service"]
    assert service["User"] not in {"", "root"}
    assert (service["ProtectSystem"], service["ProtectHome"], service["PrivateTmp"]) == (
        "strict",
        "true",
        "true",
    )
    assert (service["NoNewPrivileges"], service["CapabilityBoundingSet"]) == ("true", "")
    assert service["UMask"] == "0077"
    assert service["EnvironmentFile"] == "-/etc/intercoder.env"


def test_the_unit_names_settings_that_there_are() -> None:
    unit = Unit("intercoder.service")
    names = {name.removeprefix("INTERCODER_").lower() for name in unit.environment if "INTERCODER" in name}
    assert names <= set(DEFAULTS)
    folder = unit.environment["INTERCODER_DATA"]
    assert folder == f"/var/lib/{unit['Service']['StateDirectory']}"
    assert unit["Service"]["ExecStart"].endswith("/intercoder serve")
    assert not re.search("PASSWORD|TOKEN|DATABASE", " ".join(unit.environment))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    units = [file.name for file in EXAMPLES.iterdir() if file.suffix in {".service", ".timer"}]
    for name in units:
        text = (EXAMPLES / name).read_text()
        # It looks whether the program is there.
        (tmp_path / name).write_text(text.replace("/opt/intercoder/.venv/bin/intercoder", "/bin/true"))
    verified = ["systemd-analyze", "verify", "--man=no", *units]
    assert subprocess.run(verified, cwd=tmp_path, capture_output=True, check=True, timeout=60).stderr == b""
    rated = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "intercoder.service"]
    subprocess.run(rated, cwd=tmp_path, capture_output=True, check=True, timeout=60)


def test_backups_lie_where_the_unit_may_write_and_the_page_says() -> None:
    service = Unit("intercoder-backup.service")["Service"]
    assert "/var/backups/intercoder" in service["ReadWritePaths"].split()
    assert "/var/backups/intercoder" in PAGE
    assert Unit("intercoder-backup.timer")["Timer"]["Persistent"] == "true"


@pytest.mark.parametrize("text", [NGINX, CADDY], ids=["nginx", "Caddy"])
def test_proxies_lead_to_the_server_and_take_files_of_its_size(text: str) -> None:
    assert f"127.0.0.1:{DEFAULTS['port'].default}" in text
    assert re.search(
        rf"(client_max_body_size|max_size) {DEFAULTS['max_upload_mb'].default}m", text, re.IGNORECASE
    )
    assert "/metrics" in text


def test_nginx_replaces_what_a_visitor_wrote() -> None:
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    assert "proxy_add_x_forwarded_for" not in NGINX
    assert "proxy_set_header Host $host;" in NGINX


def test_nginx_speaks_tls_of_today_and_tells_nothing() -> None:
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in NGINX
    assert "gzip off;" in NGINX
    assert "server_tokens off;" in NGINX
    assert NGINX.count("{") == NGINX.count("}")


def test_no_proxy_logs_an_address() -> None:
    [format_] = re.findall(r"log_format intercoder '([^']*)'", NGINX)
    assert not re.search(r"\$(request|request_uri|uri|args|remote_addr|http_\w+)\b", format_)
    assert set(re.findall(r"access_log ([^;]+);", NGINX)) == {
        "off",
        "/var/log/nginx/intercoder.log intercoder",
    }
    configured = [line.split("#")[0] for line in CADDY.splitlines()]
    assert not [line for line in configured if re.search(r"\blog\b|trusted_proxies", line)]


def test_caddy_has_a_line_for_every_block() -> None:
    assert CADDY.count("{") == CADDY.count("}")
    assert CADDY.startswith("#")


def test_alarms_ask_for_figures_that_there_are() -> None:
    rules: list[dict[str, Any]] = yaml.safe_load((EXAMPLES / "alarms.yml").read_text())["groups"][0]["rules"]
    metrics = Metrics()
    metrics.count("coding.desk", "GET", 200, 0.1)
    known = {sample.name for family in metrics.registry.collect() for sample in family.samples} | {"up"}
    asked = {
        name for rule in rules for name in re.findall(r"\b(?:intercoder|process)_\w+|\bup\b", rule["expr"])
    }
    assert asked <= known
    routes = {getattr(route, "name", "") for router in ROUTERS for route in router.routes}
    assert "accounts.start_session" in routes
    assert any(name.startswith("coding.") for name in routes)
