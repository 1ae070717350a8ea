//! Tells Zed how to start `kimi-lsp`, and hands over the settings below `lsp.kimi-lsp` of Zed's own settings.
//! Nothing is downloaded: the server is what the user installed.

use zed_extension_api::{self as zed, serde_json, settings::LspSettings, LanguageServerId, Result};

struct Kimi;

impl zed::Extension for Kimi {
    fn new() -> Self {
        Kimi
    }

    fn language_server_command(
        &mut self,
        id: &LanguageServerId,
        worktree: &zed::Worktree,
    ) -> Result<zed::Command> {
        let chosen = LspSettings::for_worktree(id.as_ref(), worktree)
            .ok()
            .and_then(|settings| settings.binary);
        let path = chosen.as_ref().and_then(|binary| binary.path.clone());
        let command = path.or_else(|| worktree.which("kimi-lsp")).ok_or(
            "kimi-lsp is not on the PATH. Install it with `pipx install .` in a clone of kimi-lsp, then restart Zed.",
        )?;
        Ok(zed::Command {
            command,
            args: chosen
                .and_then(|binary| binary.arguments)
                .unwrap_or_else(|| vec!["serve".into()]),
            env: worktree.shell_env(),
        })
    }

    fn language_server_workspace_configuration(
        &mut self,
        id: &LanguageServerId,
        worktree: &zed::Worktree,
    ) -> Result<Option<serde_json::Value>> {
        Ok(LspSettings::for_worktree(id.as_ref(), worktree)
            .ok()
            .and_then(|settings| settings.settings)
            .map(|settings| serde_json::json!({ "kimi": settings })))
    }
}

zed::register_extension!(Kimi);
