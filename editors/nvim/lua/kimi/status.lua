--- What runs and what was spent: a few words for a statusline, and an echo below while you wait.
local config = require("kimi.config")
local M = {}

---@type { state: string, jobs: integer, today: { usd: number?, requests: integer }, message: string }
local now = { state = "idle", jobs = 0, today = { requests = 0 }, message = "" }

---Handles `kimi/status`.
---@param _error any
---@param params table
function M.told(_error, params)
  now = params
  vim.cmd.redrawstatus({ bang = true })
end

---@return string
function M.words()
  if now.state == "busy" then
    return ("Kimi … %d"):format(now.jobs)
  elseif now.state == "noKey" then
    return "Kimi: no key"
  elseif now.state == "error" then
    return "Kimi: failed"
  end
  local usd = now.today.usd
  return type(usd) == "number" and usd > 0 and ("Kimi $%.4f"):format(usd) or "Kimi"
end

---Echoes the progress of our own server; Neovim shows none by itself.
function M.follow()
  vim.api.nvim_create_autocmd("LspProgress", {
    group = vim.api.nvim_create_augroup("kimi.progress", { clear = true }),
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      local value = event.data.params.value
      if not client or client.name ~= "kimi" or type(value) ~= "table" then
        return
      end
      if value.kind == "end" then
        require("kimi.preview").close(event.data.params.token)
      end
      if config.options.notify then
        local words = (value.title or "Kimi") .. (value.message and ": " .. value.message or "")
        vim.api.nvim_echo({ { words:gsub("%s+", " "):sub(1, vim.o.columns - 12) } }, value.kind == "end", {})
      end
    end,
  })
end

return M
