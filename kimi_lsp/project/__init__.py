"""The user's side: files on disk, what may be read and sent, settings, syntax and scopes.

Nothing here talks to a model or an editor. Files are opened here, and only those that were asked for: a tree is
walked only where the model may look into it, and nothing is kept between calls. Import from the modules; each has one subject:

    settings   the layers of settings, and what was wrong in them
    files      read, write in one step, where a path lies
    ignore     whether a file may be shown to the model
    media      pictures and films for a request
    syntax     syntax errors, before and after an edit
    gap        where code is missing: a stub, a TODO, a comment that asks for some
    outline    the functions and classes of a text, and the one around a place
    languages  names of languages by suffix
    workspace  what the model may look into, and the way from a path that it names to a text
    walk       the files of a workspace, within limits
    definitions  where a text defines a name
"""
