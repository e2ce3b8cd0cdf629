"""Running an app until somebody ends it: uvicorn, told not to say who asks."""

import signal
from types import FrameType

import uvicorn
from fastapi import FastAPI

from evote.errors import SettingsError


def run_app(app: FastAPI, *, host: str, port: int, grace: float = 10) -> None:
    """Serve until SIGTERM or SIGINT; what runs then is finished.

    Args:
        app: its lifespan ends before this returns.
        host: address to listen on.
        port: port to listen on.
        grace: seconds that open requests have to end.

    Raises:
        SettingsError: cannot listen there.
    """
    server = uvicorn.Server(server_config(app, host=host, port=port, grace=grace))
    # After its own shutdown uvicorn raises the signal again, for whoever listened before.
    before = signal.signal(signal.SIGTERM, _end_well)
    try:
        server.run()
    except KeyboardInterrupt:
        return
    except SystemExit as exc:
        if not server.started:
            raise SettingsError(f"{host}:{port}: cannot listen there") from exc
    finally:
        signal.signal(signal.SIGTERM, before)


def server_config(app: FastAPI, *, host: str, port: int, grace: float) -> uvicorn.Config:
    """Settings of uvicorn.

    Its own access log would write down addresses, and forwarded headers would bring them in.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws="none",
        log_level="warning",
        lifespan="on",
        timeout_graceful_shutdown=max(1, round(grace)),
    )


def _end_well(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
