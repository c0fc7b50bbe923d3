"""What the image and the compose file let the server do, as far as it can be read off them."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.settings import Settings

ROOT = Path(__file__).parents[1]
IMAGE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("server", "backup")
# It ends before the others begin.
ONCE = "preparation"
LASTING = sorted(set(SERVICES) - {ONCE})
PROXY = (ROOT / "docs" / "examples" / "containers.Caddyfile").read_text()


def test_the_image_runs_as_nobody_in_particular() -> None:
    last_stage = IMAGE.rpartition("\nFROM ")[2]
    [user] = re.findall(r"^USER (\S+)$", last_stage, re.MULTILINE)
    assert user not in {"root", "0"}
    assert f"--create-home {user}" in last_stage
    assert re.search(r"^USER .*^CMD ", last_stage, re.MULTILINE | re.DOTALL)


def test_the_image_installs_what_is_locked_and_nothing_else() -> None:
    installs = re.findall(r"pip install ([^&\n\\]*)", IMAGE)
    assert len(installs) == 2
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert "--no-deps" in installs[1]
    assert "--no-build-isolation" in installs[1]


def test_the_image_has_no_secrets_tests_or_history() -> None:
    assert {".git", "data", "tests"} <= set((ROOT / ".dockerignore").read_text().split())
    assert not re.search(r"^(ENV|ARG) .*(PASSWORD|SECRET|TOKEN)", IMAGE, re.MULTILINE)
    assert not re.search(r"^COPY \.( |$)", IMAGE, re.MULTILINE)


def test_the_image_says_whether_it_lives() -> None:
    assert re.search(r"^HEALTHCHECK .*/healthz", IMAGE, re.MULTILINE)


@pytest.mark.parametrize("name", OURS)
def test_our_services_write_to_their_volumes_alone(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["tmpfs"] == ["/tmp"]
    assert not [each for each in service["volumes"] if each.startswith((".", "/"))]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_gains_rights_or_writes_to_its_root(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")
    assert "docker.sock" not in str(service)


def test_what_runs_for_long_is_not_root() -> None:
    rights = {name: each["cap_add"] for name, each in SERVICES.items() if "cap_add" in each}
    assert rights == {ONCE: ["CHOWN"], "caddy": ["NET_BIND_SERVICE"]}
    # The image of the others has a user of its own: see above.
    users = {name: each.get("user") for name, each in SERVICES.items() if name not in OURS}
    assert users == {ONCE: "root", "database": "postgres", "caddy": "1000:1000"}
    assert SERVICES[ONCE]["network_mode"] == "none"
    for name in ("database", "caddy"):
        assert SERVICES[name]["depends_on"][ONCE] == {"condition": "service_completed_successfully"}


def test_what_is_prepared_is_a_shell_script_and_hands_over_what_others_write_to() -> None:
    # Compose takes one `$` away.
    script = SERVICES[ONCE]["entrypoint"][-1].replace("$$", "$")
    subprocess.run(["sh", "-n", "-c", script], check=True, timeout=10)
    assert SERVICES["caddy"]["user"] in script
    assert {"database-tls:/tls", "caddy:/caddy"} == set(SERVICES[ONCE]["volumes"])
    assert "caddy:/data" in SERVICES["caddy"]["volumes"]
    # What PostgreSQL writes to besides its volume.
    assert set(SERVICES["database"]["tmpfs"]) == {"/tmp", "/var/run/postgresql"}


def test_the_proxy_knows_all_servers_and_shows_no_figures() -> None:
    asked = [word for to in re.findall(r"^\t\tto (.*)$", PROXY, re.MULTILINE) for word in to.split()]
    assert asked == [f"{{$PROJECT}}-server-{number}:8000" for number in range(1, 9)]
    assert "COMPOSE_PROJECT_NAME" in SERVICES["caddy"]["environment"]["PROJECT"]
    assert "lb_try_duration" in PROXY
    assert re.search(r"@figures path /metrics\s+respond @figures 404", PROXY)
    assert f"max_size {Settings.model_fields['max_upload_mb'].default}MB" in PROXY
    # Twice before a server that gives notice ends. It would not ask those that one name leads to.
    [every] = re.findall(r"health_uri /openz\s+health_interval (\d+)s", PROXY)
    assert 2 * int(every) < int(SERVICES["server"]["environment"]["INTERCODER_NOTICE_SECONDS"])
    assert not re.search(r"^\s*dynamic ", PROXY, re.MULTILINE)
    assert PROXY.count("{") == PROXY.count("}")
    # No log of requests; the one of what happens begins on the second level, for all of Caddy.
    assert not re.findall(r"^\s*trusted_proxies|^\t{2,}log\b|output |format ", PROXY, re.MULTILINE)
    assert re.findall(r"^\tlog \{\s+(.*)\s+\}", PROXY, re.MULTILINE) == ["level WARN"]


def test_the_proxy_listens_where_its_container_is_reached() -> None:
    ports = dict(each.split(":") for each in SERVICES["caddy"]["ports"])
    assert f"http_port {ports['80']}\n" in PROXY
    assert f"https_port {ports['443']}\n" in PROXY
    [asked] = re.findall(r"http://127[^/]+", str(SERVICES["caddy"]["healthcheck"]["test"]))
    assert f"\n{asked} {{\n\tbind 127.0.0.1\n" in PROXY


def test_only_the_proxy_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]


def test_whatever_the_servers_believe_the_proxy_wrote() -> None:
    # Caddy replaces what a visitor sent unless it is told to trust somebody before it.
    assert SERVICES["server"]["environment"]["FORWARDED_ALLOW_IPS"] == "*"
    assert not [line for line in PROXY.splitlines() if "trusted" in line.partition("#")[0]]


@pytest.mark.parametrize("name", OURS)
def test_the_database_is_spoken_to_by_tls_that_is_checked(name: str) -> None:
    environment, database = SERVICES[name]["environment"], SERVICES["database"]
    assert environment["PGSSLMODE"] == "verify-full"
    assert "@database/" in environment["INTERCODER_DATABASE_URL"]
    assert "subjectAltName=DNS:database " in SERVICES[ONCE]["entrypoint"][-1]
    assert f"-c ssl=on -c ssl_cert_file={environment['PGSSLROOTCERT']} " in database["command"]
    # Nobody else can read the key that stands beside the certificate: openssl makes it so.
    assert "database-tls:/tls:ro" in SERVICES[name]["volumes"]


def test_all_that_lasts_says_whether_it_works() -> None:
    assert [name for name in SERVICES if "healthcheck" in SERVICES[name]] == [
        name for name in SERVICES if name in LASTING
    ]
    assert "/readyz" in str(SERVICES["server"]["healthcheck"]["test"])
    assert "pg_isready" in str(SERVICES["database"]["healthcheck"]["test"])


def test_there_are_no_default_passwords() -> None:
    told = [pair for service in SERVICES.values() for pair in service.get("environment", {}).items()]
    secrets = [value for name, value in told if "PASSWORD" in name]
    assert len(secrets) == 3
    # In an address some of its letters would mean something.
    assert not [value for _name, value in told if re.search("://.*PASSWORD", str(value))]
    # `:?` stops where the variable is empty; `:-` would put something in its place.
    assert all("${POSTGRES_PASSWORD:?" in value for value in secrets)


def test_the_first_backup_waits_for_a_database_and_a_failed_one_is_tried_again() -> None:
    backup = SERVICES["backup"]
    assert backup["depends_on"] == {"server": {"condition": "service_healthy"}}
    found = re.search(r"intercoder backup [^;]* && sleep 86400 \|\| sleep \d{2};", backup["command"])
    assert found
    assert " || find /backups -name 'intercoder-*.sqlite3' -mmin -60 | grep -q . && sleep" in found[0]
    assert "-mmin -1500" in str(backup["healthcheck"]["test"])


def test_a_shell_that_stands_first_has_an_init_before_it() -> None:
    shells = [name for name, each in SERVICES.items() if str(each.get("command", "")).startswith("sh ")]
    assert shells == ["backup"]
    assert all(SERVICES[name]["init"] is True for name in shells)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_logs_are_turned_over(name: str) -> None:
    assert {"max-size", "max-file"} <= set(SERVICES[name]["logging"]["options"])


def test_volumes_begin_closed_to_everybody_else() -> None:
    assert "install -d -m 0700 -o intercoder -g intercoder /data /backups" in IMAGE


def test_no_image_of_ours_is_looked_for_elsewhere() -> None:
    assert not [name for name in OURS if "image" in SERVICES[name]]
