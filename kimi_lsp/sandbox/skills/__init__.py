"""What the sandbox can do: a few small, deterministic skills, one a file.

Each works on the text and its syntax tree alone and gives either changed lines or the reason why it cannot; none
makes up an edit. A skill for a fix has `concerns(problem)` and `repair(document, problems)`; one for a refactoring
has `WORDS` and `rework(document, selection, instruction)`.
"""
