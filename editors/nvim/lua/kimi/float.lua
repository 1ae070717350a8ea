--- One window for Markdown: an explanation while it is written, what would be sent, what was spent.
local config = require("kimi.config")
local M = {}

---@type { buffer: integer?, window: integer? }
local shown = {}

local function size()
  local share = config.options.float
  return math.max(20, math.floor(vim.o.columns * share.width)), math.max(5, math.floor(vim.o.lines * share.height))
end

local function open(title)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.bo[buffer].bufhidden = "wipe"
  vim.bo[buffer].filetype = "markdown"
  vim.bo[buffer].modifiable = false
  local width, height = size()
  local window = vim.api.nvim_open_win(buffer, false, {
    relative = "editor",
    width = width,
    height = height,
    row = math.floor((vim.o.lines - height) / 2) - 1,
    col = math.floor((vim.o.columns - width) / 2),
    border = config.options.float.border,
    title = " " .. title .. " ",
    footer = " q closes, <C-w>w enters and leaves ",
    style = "minimal",
  })
  vim.wo[window].wrap = true
  vim.wo[window].linebreak = true
  vim.wo[window].conceallevel = 2
  vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = buffer, nowait = true, desc = "Close" })
  shown = { buffer = buffer, window = window }
end

---Tells whether the window is there.
---@return boolean
function M.is_open()
  return shown.window ~= nil and vim.api.nvim_win_is_valid(shown.window)
end

---Returns what it shows.
---@return string[]
function M.lines()
  return M.is_open() and vim.api.nvim_buf_get_lines(shown.buffer, 0, -1, false) or {}
end

---Shows a text in place of the one before; the window opens where it is not there, and takes no focus.
---@param title string
---@param markdown string
function M.show(title, markdown)
  if not M.is_open() then
    open(title)
  end
  vim.bo[shown.buffer].modifiable = true
  vim.api.nvim_buf_set_lines(shown.buffer, 0, -1, false, vim.split(markdown, "\n", { plain = true }))
  vim.bo[shown.buffer].modifiable = false
end

---Closes it.
function M.close()
  if M.is_open() then
    vim.api.nvim_win_close(shown.window, true)
  end
  shown = {}
end

---Goes into it.
function M.focus()
  if M.is_open() then
    vim.api.nvim_set_current_win(shown.window)
  end
end

return M
