# Kimi for Kakoune, with kakoune-lsp 18 or newer. Goes to your kakrc, after kakoune-lsp is loaded.
# `lsp-code-actions` lists what Kimi offers; `kimi-cancel` stops what runs.
#
# A buffer's lsp_servers names all of its servers, and kakoune-lsp's own choice is taken only where it is empty:
# so name your usual server here too, in a table of its own above [kimi].
#
# What does not work: fixes for another server's diagnostics (kakoune-lsp shows a server only its own), entries that ask for
# words (write a `# kimi: ...` comment instead), a diff before the edit, explanations as a document (they come as a
# message, shortened). Written from kakoune-lsp's documentation and source, not run yet.

hook global BufSetOption filetype=(?:python|rust|go|javascript|typescript) %{
    set-option -add buffer lsp_servers %exp{
        [kimi]
        command = "kimi-lsp"
        args = ["serve"]
        root = "%sh{eval "$kak_opt_lsp_find_root" .kimi-lsp.toml .git .hg $(: kak_buffile)}"
        settings_section = "kimi"
        [kimi.settings.kimi]
        preview = "auto"
        code_actions = "diagnosticsAndSelection"
    }
}

define-command kimi-cancel -docstring "Stop what Kimi is doing" %{
    lsp-execute-command kimi.cancel '[{}]'
}

define-command kimi-usage -docstring "Say what Kimi has cost" %{
    lsp-execute-command kimi.usage '[{}]'
}
