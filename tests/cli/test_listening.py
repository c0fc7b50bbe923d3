"""Where a server listens, and what it asks of the way there."""

import socket
import threading
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import BlockingPortal
from starlette.types import Message, Receive, Scope, Send
from uvicorn import Config, Server

from server.cli.forwarding import BesideProxy
from server.cli.listening import listening
from server.errors import Refusal
from server.settings import Settings
from tests.cli.shell import told

HTTPS = "https://study.example"


def test_a_taken_port_is_refused() -> None:
    with (
        listening(Settings(port=0)) as (_taken, settings),
        pytest.raises(Refusal, match=f"Port {settings.port} of 127.0.0.1 is not free"),
        listening(settings),
    ):
        pass


def test_any_free_port_is_named() -> None:
    with listening(Settings(port=0)) as (listener, settings):
        assert listener.getsockname() == ("127.0.0.1", settings.port)
        assert settings.resolved_base_url == f"http://127.0.0.1:{settings.port}"


def test_an_address_of_another_machine_is_refused() -> None:
    # 192.0.2.0/24 is set aside for documentation.
    with (
        pytest.raises(Refusal, match="not an address of this machine"),
        listening(Settings(host="192.0.2.1", port=0)),
    ):
        pass


def test_a_port_that_needs_rights_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refused)

    with pytest.raises(Refusal, match="above 1023"), listening(Settings(port=80)):
        pass


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "server.example"])
def test_behind_https_no_network_carries_what_is_said_in_plain(host: str) -> None:
    with (
        pytest.raises(Refusal, match="without TLS, over a network"),
        listening(Settings(port=0, host=host, base_url=HTTPS)),
    ):
        pass


def test_an_operator_may_answer_for_the_network() -> None:
    settings = Settings(host="0.0.0.0", port=0, base_url=HTTPS, closed_network=True)
    with listening(settings) as (listener, _settings):
        assert listener.getsockname()[1] > 0


def test_a_socket_is_for_its_group_alone_and_takes_the_place_of_one_left_behind(tmp_path: Path) -> None:
    file = tmp_path / "server.sock"
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(file))
    settings = Settings(socket=file, base_url=HTTPS)
    with listening(settings):
        assert file.stat().st_mode & 0o777 == 0o660
        with pytest.raises(Refusal, match="Nobody can listen on the socket"), listening(settings):
            pass


def test_a_file_that_is_no_socket_stays(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("keep this")
    with pytest.raises(Refusal), listening(Settings(socket=file, base_url=HTTPS)):
        pass
    assert file.read_text() == "keep this"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--socket", "server.sock"), "must be told the address people type"),
        (("--tls-cert", "server.crt"), "both a certificate and its key"),
        (("--tls-cert", "none.crt", "--tls-key", "none.key"), "no certificate with its key"),
    ],
)
def test_what_does_not_go_together_is_said_at_start(
    capsys: pytest.CaptureFixture[str], given: tuple[str, ...], words: str
) -> None:
    assert words in told(capsys, "serve", *given).refusal


class Beside:
    """What a server on a socket is asked, and by whom."""

    def __init__(self) -> None:
        self.came_from: list[object] = []

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.came_from.append(scope["client"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


def test_on_a_socket_the_proxy_names_the_visitor(tmp_path: Path) -> None:
    app, file = Beside(), tmp_path / "server.sock"
    config = Config(BesideProxy(app, "127.0.0.1"), proxy_headers=False, lifespan="off", log_config=None)
    server = Server(config)
    with listening(Settings(socket=file, base_url=HTTPS)) as (listener, _settings):
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        with httpx.Client(
            transport=httpx.HTTPTransport(uds=str(file)), base_url="http://study.example"
        ) as proxy:
            proxy.get("/", headers={"X-Forwarded-For": "127.0.0.1, 198.51.100.1"})
            proxy.get("/")
        server.should_exit = True
        thread.join()
    assert app.came_from == [("198.51.100.1", 0), ("127.0.0.1", 0)]


def test_other_proxies_do_not_take_the_place_of_the_one_on_the_socket(event_loop: BlockingPortal) -> None:
    app = Beside()
    headers = [(b"x-forwarded-for", b"198.51.100.1")]
    for client in (None, ("127.0.0.1", 1), ("10.0.0.5", 1)):
        scope = {"type": "http", "client": client, "headers": headers, "scheme": "http"}
        event_loop.call(BesideProxy(app, "10.0.0.5"), scope, _nothing, _nowhere)
    assert app.came_from == [("198.51.100.1", 0), ("127.0.0.1", 1), ("198.51.100.1", 0)]


async def _nothing() -> Message:
    return {"type": "http.request"}


async def _nowhere(_message: Message) -> None:
    pass
