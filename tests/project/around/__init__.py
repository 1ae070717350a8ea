"""Mirrors `kimi_lsp/project/around`."""
