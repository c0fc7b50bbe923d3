"""Where a server listens: at a port or on a socket, with TLS of its own or behind a proxy's."""

import errno
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from server.errors import Refusal
from server.language import gettext as _
from server.settings import Settings, is_this_machine

# The proxy belongs to the socket's group; nobody else on the machine reaches the server past it.
SOCKET_MODE = 0o660


@contextmanager
def listening(settings: Settings) -> Iterator[tuple[socket.socket, Settings]]:
    """A socket that listens where it is wanted, and the settings with its port where any was wanted.

    Raises:
        Refusal: nobody can listen there, or what is said there could be read on its way.
    """
    _refuse_nameless(settings)
    _refuse_exposed(settings)
    _refuse_certificate(settings)
    if settings.socket is None:
        listener = _at_port(settings)
        with listener:
            yield listener, settings.model_copy(update={"port": listener.getsockname()[1]})
        return
    with _at_socket(settings.socket) as listener:
        yield listener, settings


def _refuse_nameless(settings: Settings) -> None:
    """A socket has no address that could stand in links."""
    if settings.socket and not settings.base_url:
        raise Refusal(_("A server on a socket must be told the address people type: give --base-url."))


def _refuse_exposed(settings: Settings) -> None:
    """Who is promised https gets it on the whole way, or the operator answers for a part of it."""
    if not settings.is_https or settings.closed_network or settings.tls_cert or settings.socket:
        return
    if not is_this_machine(settings.host):
        raise Refusal(
            _(
                "On %s the proxy would speak to this server without TLS, over a network. Listen on "
                "127.0.0.1 beside the proxy or on a --socket, give the server --tls-cert and --tls-key, or "
                "set INTERCODER_CLOSED_NETWORK=true where nobody else is on that network."
            )
            % settings.host
        )


def _refuse_certificate(settings: Settings) -> None:
    if settings.tls_cert is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            settings.tls_cert, settings.tls_key, lambda: ""
        )
    except (OSError, ValueError) as problem:  # Where there is none, and where both do not belong together.
        raise Refusal(
            _("%(cert)s and %(key)s are no certificate with its key, or cannot be read.")
            % {"cert": settings.tls_cert, "key": settings.tls_key}
        ) from problem


def _at_port(settings: Settings) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen()
    except OSError as problem:
        listener.close()
        raise Refusal(_why_not(settings, problem)) from problem
    return listener


def _why_not(settings: Settings, problem: OSError) -> str:
    place = {"port": settings.port, "host": settings.host}
    if isinstance(problem, socket.gaierror) or problem.errno == errno.EADDRNOTAVAIL:
        return _("%(host)s is not an address of this machine. Choose another with --host.") % place
    if problem.errno == errno.EACCES:
        return _("You may not listen on port %(port)s. Choose one above 1023 with --port.") % place
    return _("Port %(port)s of %(host)s is not free. Choose another with --port.") % place


def _at_socket(file: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    try:
        _clear(file)
        listener.bind(str(file))
        file.chmod(SOCKET_MODE)
        listener.listen()
    except OSError as problem:
        listener.close()
        raise Refusal(
            _("Nobody can listen on the socket %s. Choose another with --socket.") % file
        ) from problem
    return listener


def _clear(file: Path) -> None:
    """Remove a socket that was left behind: nobody answers on it. Whatever else is there stays."""
    if not file.exists():
        return
    if not file.is_socket():
        raise FileExistsError(errno.EEXIST, "no socket", str(file))
    with socket.socket(socket.AF_UNIX) as other, suppress(ConnectionRefusedError):
        other.settimeout(1)
        other.connect(str(file))
        raise FileExistsError(errno.EEXIST, "somebody listens there", str(file))
    file.unlink(missing_ok=True)
