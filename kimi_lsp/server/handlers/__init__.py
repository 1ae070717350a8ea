"""One file for each kind of message. Thin: read the parameters, call the room that knows, answer."""
