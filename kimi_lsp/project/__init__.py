"""The user's side: files on disk, what may be read and sent, settings, syntax and scopes.

Nothing here talks to a model or an editor. Files are opened here, and only those that were asked for: no tree is
walked and nothing is kept between calls. Import from the modules; each has one subject:

    settings   the layers of settings, and what was wrong in them
    files      read, write in one step, where a path lies
    ignore     whether a file may be shown to the model
    syntax     syntax errors, before and after an edit
    outline    the function or class around a place
    languages  names of languages by suffix
"""
