"""The certificate of `rumpus serve`, which is renewed every few weeks while matches go on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import ssl
from collections.abc import Callable
from pathlib import Path

from ..errors import ConfigurationError
from ..net.tls import load_tls

logger = logging.getLogger(__name__)


class Certificate:
    """What `--tls-cert` and `--tls-key` name. Raises ConfigurationError if it cannot be used."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._certificate = certificate
        self._key = key
        self.tls = load_tls(certificate, key)

    @classmethod
    def of_flags(cls, certificate: Path | None, key: Path | None) -> Certificate | None:
        """None without the flags. Raises ConfigurationError if there is one without the other."""
        if certificate is not None and key is not None:
            return cls(certificate, key)
        if certificate is not None or key is not None:
            missing = "--tls-key" if key is None else "--tls-cert"
            raise ConfigurationError(f"TLS needs --tls-cert and --tls-key; {missing} is missing.")
        return None

    def reload_on_signal(self, renew: Callable[[ssl.SSLContext], None]) -> None:
        """Read the files again at SIGHUP, where there is such a signal; connections that exist stay as they are."""
        with contextlib.suppress(NotImplementedError, AttributeError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._reload, renew)

    def _reload(self, renew: Callable[[ssl.SSLContext], None]) -> None:
        try:
            self.tls = load_tls(self._certificate, self._key)
        except ConfigurationError as error:
            logger.error("the certificate stays the one there was: %s", error.message)
        else:
            renew(self.tls)
            logger.info("the certificate was read again")
