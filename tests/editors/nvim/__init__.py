"""Real Neovim, headless and driven over its own socket, with the plugin in `editors/nvim` and a real server."""
