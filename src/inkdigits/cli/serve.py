"""`inkdigits serve`: the web page and the API on this machine.

In: an address, a model, a log level. Out: a running server, until Ctrl+C or SIGTERM.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import textwrap
import threading
import webbrowser
from collections.abc import Callable

import click
import uvicorn

from inkdigits.cli import workers as processes
from inkdigits.errors import InkdigitsError
from inkdigits.service import configuration, stores
from inkdigits.service.app import create_app
from inkdigits.service.connection import patient
from inkdigits.service.settings import LOG_LEVELS, STORED, Settings
from inkdigits.service.telemetry import logs


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=5000,
    envvar="PORT",  # as Heroku, Cloud Run and their like name it
    show_default=True,
    show_envvar=True,
    help="Port to listen on; 0 takes any free one.",
)
@click.option("--model", help="A shipped model or an ONNX file.  [default: standard]")
@click.option("--log-level", type=click.Choice(LOG_LEVELS), help="[default: info]")
@click.option("--workers", type=click.IntRange(1), help="Processes that answer.  [default: 1]")
@click.option("--feedback", metavar="FILE", help="Store corrections here; else nothing is stored.")
@click.option("--database", metavar="FILE", help="Store here what --feedback on and --store say.")
@click.option("--store", type=click.Choice(STORED), help="Store predictions.  [default: off]")
@click.option("--config", metavar="FILE", help="Read settings from this TOML file.")
@click.option(
    "--help-settings",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _, asked: _list_settings(context) if asked else None,
    help="List all settings and exit.",
)
@click.option("--open", "open_browser", is_flag=True, help="Open the page in a browser.")
def command(
    host: str, port: int, config: str | None, open_browser: bool, **given: str | int | None
) -> None:
    """Start the web page and the API.

    Everything else is set by INKDIGITS_* variables or in a TOML file: see --help-settings.
    """
    settings = configuration.load(config, **given)
    stores.prove(settings)
    listener = listen(host, port)
    url = _url(host, listener.getsockname()[1])
    logs.set_up(settings.log_level, settings.log_format)
    processes.open_files()
    if settings.workers > 1:
        _serve_with_workers(settings, listener, url, open_browser=open_browser)
    else:
        _serve(settings, listener, url, open_browser=open_browser)


def _serve(settings: Settings, listener: socket.socket, url: str, *, open_browser: bool) -> None:
    app = create_app(settings)

    def started() -> None:
        reason = app.state.engine.reason
        if reason:
            click.echo(f"inkdigits is up but not ready: {reason}", err=True)
        click.echo(f"inkdigits is {'listening' if reason else 'ready'}: {url} (Ctrl+C stops it)")
        if open_browser:
            _open(url)

    protocol = patient(settings.header_timeout, settings.max_header_bytes)
    server = uvicorn.Config(processes.settled(app), http=protocol, **processes.OPTIONS)
    stop = processes.serve_metrics(settings, app)
    # uvicorn passes the signal on once it has shut down: that then ends the process with 0.
    signal.signal(signal.SIGTERM, processes.leave)
    signal.signal(signal.SIGINT, processes.leave)
    try:
        _Server(server, started).run(sockets=[listener])
    finally:
        stop()


def _serve_with_workers(
    settings: Settings, listener: socket.socket, url: str, *, open_browser: bool
) -> None:
    def started() -> None:
        count = settings.workers
        click.echo(f"inkdigits is listening: {url} with {count} workers (Ctrl+C stops it)")
        if open_browser:
            _open(url)

    processes.run(settings, listener, started)


def _open(url: str) -> None:
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _list_settings(context: click.Context) -> None:
    click.echo("Each is set by its variable, or by its name in small letters in a TOML file:")
    click.echo(f"--config FILE, or {configuration.CONFIG}. A variable wins over the file.\n")
    for row in configuration.rows():
        click.secho(row.variable, bold=True, nl=False)
        click.echo(f"  [{row.default}]")
        click.echo(textwrap.indent(textwrap.fill(row.description, 76), "    "))
    context.exit()


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to an address.

    Raises:
        InkdigitsError: the port is taken or the address is not one of this machine's (`address`).
    """
    made: socket.socket | None = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, kind, protocol)
        if os.name == "posix":  # elsewhere this would let two servers share a port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(2048)
    except OSError as error:
        if made is not None:
            made.close()
        raise InkdigitsError(_sentence(error, host, port), code="address") from error
    return made


def _sentence(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else 5000
        return f"Port {port} is already in use: choose another one, such as --port {other}."
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights: choose one above 1023 with --port."
    return f"Cannot listen on {host!r}: it is not an address of this machine (--host)."


def _url(host: str, port: int) -> str:
    if host in ("127.0.0.1", "0.0.0.0", "::", "::1"):  # noqa: S104 - compared, not bound
        host = "localhost"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class _Server(uvicorn.Server):
    """uvicorn that says when it listens."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then call back."""
        await super().startup(sockets)
        self._on_started()
