-- Kimi for Neovim 0.11 and newer; vim.lsp.enable("kimi") starts it. Without the rest of this plugin on the runtimepath
-- it does not work: put the whole folder there.
local config = require("kimi.config").options

---@type vim.lsp.Config
return {
  cmd = config.command,
  filetypes = config.filetypes,
  root_markers = { ".kimi-lsp.toml", ".git" },
  -- Neovim holds changes back for 150 ms, and would make an edit that comes meanwhile in a text that nobody checked it
  -- against.
  flags = { debounce_text_changes = 0 },
  init_options = {
    clientCommands = { "kimi.client.prompt" },
    ui = { markdown = true, stream = true, status = true, preview = config.preview },
  },
  commands = {
    ["kimi.client.prompt"] = function(command, context)
      require("kimi.commands").prompt(command, context)
    end,
  },
  handlers = {
    ["kimi/explaining"] = function(...)
      return require("kimi.explain").explaining(...)
    end,
    ["kimi/status"] = function(...)
      return require("kimi.status").told(...)
    end,
    ["window/showMessageRequest"] = function(...)
      return require("kimi.question").ask(...)
    end,
    ["kimi/preview"] = function(...)
      return require("kimi.preview").preview(...)
    end,
  },
  on_attach = function(_, bufnr)
    require("kimi.diagnostics").follow(bufnr)
  end,
}
