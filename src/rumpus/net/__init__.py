"""Sockets: who is let in, handshakes, WebSockets, HTTP and TLS."""
