--- The options, with their defaults, in one place.
local M = {}

---@class kimi.Options
---@field command string[] The server. A full path helps where Neovim's PATH is not your shell's.
---@field filetypes string[]? Languages that the server starts for; nil means all.
---@field preview boolean Whether edits that ask first are shown as a diff here; false leaves it to a question.
---@field float { width: number, height: number, border: string } The explanation's window: shares of the editor.
---@field notify boolean Whether the wait and the result are echoed below; a progress plugin of yours shows them as well.

---@type kimi.Options
M.defaults = {
  command = { "kimi-lsp", "serve" },
  filetypes = nil,
  preview = true,
  float = { width = 0.7, height = 0.6, border = "rounded" },
  notify = true,
}

---@type kimi.Options
M.options = vim.deepcopy(M.defaults)

---Takes the user's options over the defaults.
---@param options table?
function M.set(options)
  M.options = vim.tbl_deep_extend("force", vim.deepcopy(M.defaults), options or {})
end

return M
