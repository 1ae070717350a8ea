--- A question of the server's, such as whether a stale edit shall be asked for again. The sentence is told, the answers
--- are chosen by `vim.ui.select`; Neovim's own way would hold up everything until then.
local M = {}

---Handles `window/showMessageRequest`; Neovim runs it in a coroutine, so that a person may take their time.
---@param _error any
---@param params { message: string, actions: { title: string }[]? }
---@return table|vim.NIL
function M.ask(_error, params)
  local running = coroutine.running()
  vim.notify(params.message, vim.log.levels.WARN)
  vim.schedule(function()
    vim.ui.select(params.actions or {}, {
      prompt = params.message,
      kind = "kimi",
      format_item = function(action)
        return action.title
      end,
    }, function(chosen)
      vim.schedule(function()
        local ok, problem = coroutine.resume(running, chosen or vim.NIL)
        if not ok then
          vim.notify("Kimi: " .. tostring(problem), vim.log.levels.ERROR)
        end
      end)
    end)
  end)
  return coroutine.yield()
end

return M
