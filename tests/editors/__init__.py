"""Real editors, each with the real server and a sandbox in a process of its own. `make test-editors` runs them.

`scenarios.py` is the one list of what a user does and must see; every editor's folder has a test for each entry, which
`test_every_scenario.py` checks. `conftest.py` has what they share: a sandbox, files to work on, a home of their own.
`lever.py` moves the sandbox from inside an editor. These tests are marked `editors`, which `make test` leaves out.
"""
