--- Kimi in Neovim: exact edits and explanations, by code actions and by `:Kimi`.
local M = {}

---Sets options. Needed only for other ones than `kimi.config` has.
---@param options kimi.Options?
function M.setup(options)
  require("kimi.config").set(options)
end

---Returns a few words for a statusline: what runs, or what was spent today.
---@return string
function M.status()
  return require("kimi.status").words()
end

---Runs one of `:Kimi`'s subcommands on a range of lines, or at the cursor.
---@param name string
---@param options { line1: integer?, line2: integer?, words: string? }?
function M.run(name, options)
  require("kimi.commands").run(name, options or {})
end

return M
