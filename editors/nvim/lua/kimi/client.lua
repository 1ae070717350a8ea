--- The server of a buffer, places in its units, and how a command is run on it.
local M = {}

---@param bufnr integer?
---@return vim.lsp.Client?
function M.of(bufnr)
  return vim.lsp.get_clients({ bufnr = bufnr or 0, name = "kimi" })[1]
end

---@param client vim.lsp.Client
---@param bufnr integer
---@param line integer From 0.
---@param column integer A byte, from 0.
---@return lsp.Position
function M.position(client, bufnr, line, column)
  local text = vim.api.nvim_buf_get_lines(bufnr, line, line + 1, false)[1] or ""
  return { line = line, character = vim.str_utfindex(text, client.offset_encoding, math.min(column, #text), false) }
end

---Returns whole lines as a range, or the cursor where none are named.
---@param client vim.lsp.Client
---@param bufnr integer
---@param first integer? From 1.
---@param last integer? From 1, included.
---@return lsp.Range
function M.range(client, bufnr, first, last)
  if first and last then
    local text = vim.api.nvim_buf_get_lines(bufnr, last - 1, last, false)[1] or ""
    return { start = { line = first - 1, character = 0 }, ["end"] = M.position(client, bufnr, last - 1, #text) }
  end
  local line, column = unpack(vim.api.nvim_win_get_cursor(0))
  local here = M.position(client, bufnr, line - 1, column)
  return { start = here, ["end"] = here }
end

---Runs a command of the server; the result's own words go to `done`.
---@param client vim.lsp.Client
---@param bufnr integer
---@param command string
---@param argument table
---@param done fun(result: table)?
function M.execute(client, bufnr, command, argument, done)
  client:exec_cmd({ title = command, command = command, arguments = { argument } }, { bufnr = bufnr }, function(error, result)
    if error then
      vim.notify("Kimi: " .. error.message, vim.log.levels.ERROR)
    elseif done and type(result) == "table" then
      done(result)
    end
  end)
end

return M
