"""What around a document is worth showing to the model, found by looking: nothing is run, and no rule is widened.

Each file that is opened comes through `project.workspace`, as if the model had asked for it: inside the roots, never
ignored, never through a link that leads out, as the editor has it where it is open. How many, how large and how long is
limited. These functions wait for the disk, so they are run in a thread.

    look         all of it: from a document and a place in it to its Surroundings
    shelf        the files that one look opens, each once
    apart        a file taken apart: what it defines, what it imports
    words        the names that a text uses
    follow       from a name to its definition, over imports
    python_text, python_imports   Python
    trees, script, go, rust       the other languages, by tree-sitter where it is installed
    callers, opened, related      further places, where they are wanted
    width        how much of it may be shown
    conventions  what the project says of how its code is written
"""
