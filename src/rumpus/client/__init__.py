"""A Python client: the model for clients in other languages, and what load tests play with."""

from .client import Client, ClosedError, ConnectError, Message, parse_address

__all__ = ["Client", "ClosedError", "ConnectError", "Message", "parse_address"]
