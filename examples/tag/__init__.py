"""Tag, with its players' movement predicted in the browser: game.py is the server, page/ what browsers show."""
