"""Emacs with eglot, in batch: `driver.el` plays the user, `test_emacs.py` looks at what came of it."""
