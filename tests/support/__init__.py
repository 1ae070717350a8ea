"""What the end-to-end tests stand on: a fake editor over real stdio, and a sandbox over real sockets."""
