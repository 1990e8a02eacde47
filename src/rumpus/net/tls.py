"""The certificate that the server shows, from the files that a certificate authority's tools write."""

from __future__ import annotations

import ssl
from pathlib import Path

from ..errors import ConfigurationError


def load_tls(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a server speaks TLS with: version 1.2 or later. Both files are PEM; the first holds the whole chain.

    Raises ConfigurationError that names the file and what is wrong with it.
    """
    for flag, path, mark, content in (
        ("--tls-cert", certificate, b"-----BEGIN CERTIFICATE-----", "certificate"),
        ("--tls-key", key, b"PRIVATE KEY-----", "private key"),
    ):
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ConfigurationError(f"{flag} {path} cannot be read: {error.strerror}.") from None
        if mark not in data:
            raise ConfigurationError(f"{flag} {path} holds no {content} in PEM.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["http/1.1"])
    asked: list[bool] = []

    def password() -> str:
        # Without this function OpenSSL would ask on the terminal.
        asked.append(True)
        return ""

    try:
        context.load_cert_chain(certificate, key, password)
    except (ssl.SSLError, OSError, ValueError) as error:
        if asked:
            reason = f"--tls-key {key} is encrypted; give one without a password, readable by the server only"
        elif getattr(error, "reason", None) in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"):
            reason = f"--tls-key {key} is not the key of the certificate in --tls-cert {certificate}"
        else:
            what = getattr(error, "reason", None) or str(error)
            reason = f"--tls-cert {certificate} and --tls-key {key} cannot be used: {what}"
        raise ConfigurationError(f"{reason}.") from None
    return context
