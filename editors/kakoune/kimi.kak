# Kimi for Kakoune, with kakoune-lsp 18 or newer. Goes to your kakrc, after kakoune-lsp is loaded.
# `lsp-code-actions` lists what Kimi offers.
#
# A buffer's lsp_servers names all of its servers, and kakoune-lsp's own choice is taken only where it is empty:
# so name your usual server here too, in a table of its own above [kimi].

hook global BufSetOption filetype=(?:python|rust|go|javascript|typescript) %{
    set-option -add buffer lsp_servers %exp{
        [kimi]
        command = "kimi-lsp"
        args = ["serve"]
        root = "%sh{eval "$kak_opt_lsp_find_root" .kimi-lsp.toml .git .hg $(: kak_buffile)}"
    }
}
