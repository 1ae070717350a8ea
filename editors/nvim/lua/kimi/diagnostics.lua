--- Neovim tells a server only of that server's own diagnostics; here the server hears of all of them.
local client_of = require("kimi.client")
local M = {}

---Returns the diagnostics of all sources, those of our own server apart, as LSP has them.
---@param client vim.lsp.Client
---@param bufnr integer
---@param first integer? Line from 0; with `last`, only what touches these lines.
---@param last integer?
---@return lsp.Diagnostic[]
function M.all(client, bufnr, first, last)
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(bufnr)) do
    local end_line = one.end_lnum or one.lnum
    if one.source ~= "kimi" and (not first or (one.lnum <= last and end_line >= first)) then
      table.insert(found, {
        range = {
          start = client_of.position(client, bufnr, one.lnum, one.col),
          ["end"] = client_of.position(client, bufnr, end_line, one.end_col or one.col),
        },
        message = one.message,
        severity = one.severity,
        source = one.source,
        code = one.code,
      })
    end
  end
  return found
end

---Tells the server of a buffer's diagnostics.
---@param bufnr integer
function M.tell(bufnr)
  local client = client_of.of(bufnr)
  if not client or not client.initialized then
    return
  end
  client:notify("kimi/didChangeDiagnostics", {
    uri = vim.uri_from_bufnr(bufnr),
    version = vim.lsp.util.buf_versions[bufnr],
    diagnostics = M.all(client, bufnr),
  })
end

---Tells it from now on, whenever they change.
---@param bufnr integer
function M.follow(bufnr)
  local group = vim.api.nvim_create_augroup("kimi.diagnostics." .. bufnr, { clear = true })
  vim.api.nvim_create_autocmd("DiagnosticChanged", {
    group = group,
    buffer = bufnr,
    callback = function(event)
      M.tell(event.buf)
    end,
  })
  M.tell(bufnr)
end

return M
