"""Servers that do next to nothing, to compare with: what Python itself costs, and what pygls costs."""
