--- An edit shown as a diff before it is made, in a tab of its own: `kimi/preview`.
local config = require("kimi.config")
local M = {}

---@class kimi.Open
---@field job string
---@field tab integer
---@field answer fun(answer: table)

---@type kimi.Open?
local open

local HELP = "a: apply   r: reject   A: ask again, with a remark   h: leave out or take the hunk at the cursor"

local function scratch(text, name, filetype)
  local buffer = vim.api.nvim_create_buf(false, true)
  local lines = vim.split((text:gsub("\r\n", "\n")), "\n", { plain = true })
  if lines[#lines] == "" and #lines > 1 then
    table.remove(lines)
  end
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].bufhidden = "wipe"
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].filetype = filetype or ""
  pcall(vim.api.nvim_buf_set_name, buffer, name)
  return buffer
end

local function finish(answer)
  local was = open
  open = nil
  if not was then
    return
  end
  if vim.api.nvim_tabpage_is_valid(was.tab) and #vim.api.nvim_list_tabpages() > 1 then
    vim.cmd.tabclose(vim.api.nvim_tabpage_get_number(was.tab))
  end
  was.answer(answer)
end

---@param params table
---@param left table<string, table<integer, boolean>> By file, the hunks that are left out.
local function kept(params, left)
  if not next(left) then
    return nil
  end
  local hunks = {}
  for _, file in ipairs(params.files) do
    if left[file.uri] then
      local indexes = {}
      for _, hunk in ipairs(file.hunks) do
        if not left[file.uri][hunk.index] then
          table.insert(indexes, hunk.index)
        end
      end
      hunks[file.uri] = indexes
    end
  end
  return hunks
end

local function toggle(params, left, namespace)
  local buffer = vim.api.nvim_get_current_buf()
  local uri = vim.b[buffer].kimi_before
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  for _, file in ipairs(params.files) do
    for _, hunk in ipairs(file.uri == uri and file.hunks or {}) do
      if row >= hunk.start - 1 and row <= hunk["end"] then
        left[uri] = left[uri] or {}
        left[uri][hunk.index] = not left[uri][hunk.index] or nil
        if not next(left[uri]) then
          left[uri] = nil
        end
        vim.api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
        for index in pairs(left[uri] or {}) do
          local start = math.min(file.hunks[index + 1].start, vim.api.nvim_buf_line_count(buffer) - 1)
          vim.api.nvim_buf_set_extmark(buffer, namespace, start, 0, { virt_text = { { "  left out", "WarningMsg" } } })
        end
        return
      end
    end
  end
  vim.notify("Kimi: there is no hunk on this line of the text before.")
end

---Takes a preview back whose request has ended.
---@param job any
function M.close(job)
  if open and open.job == job then
    finish({ action = "reject" })
  end
end

---Tells whether a preview is open.
---@return boolean
function M.is_open()
  return open ~= nil
end

---Answers the open preview.
---@param action "accept"|"reject"|"again"
---@param more table?
function M.answer(action, more)
  finish(vim.tbl_extend("force", { action = action }, more or {}))
end

local function show(params, answer)
  finish({ action = "reject" })
  local left, namespace = {}, vim.api.nvim_create_namespace("kimi.preview")
  vim.cmd.tabnew()
  local first = vim.api.nvim_get_current_buf()
  open = { job = params.job, tab = vim.api.nvim_get_current_tabpage(), answer = answer }
  local buffers = {}
  for number, file in ipairs(params.files) do
    local path = vim.uri_to_fname(file.uri)
    local filetype = vim.filetype.match({ filename = path })
    local name = ("kimi://%s/%d/%s"):format(params.job, number, vim.fs.basename(path))
    if number > 1 then
      vim.cmd("botright split")
    end
    local before, after = scratch(file.before, name .. " (now)", filetype), scratch(file.after, name .. " (proposed)", filetype)
    vim.b[before].kimi_before = file.uri
    vim.api.nvim_win_set_buf(0, before)
    vim.cmd.diffthis()
    vim.wo.winbar = ("%s: now%s"):format(vim.fs.basename(path), file.kind == "edit" and "" or " – " .. file.kind)
    vim.cmd("rightbelow vsplit")
    vim.api.nvim_win_set_buf(0, after)
    vim.cmd.diffthis()
    vim.wo.winbar = HELP:gsub("%%", "%%%%")
    vim.list_extend(buffers, { before, after })
  end
  if vim.api.nvim_buf_is_valid(first) and not vim.tbl_contains(buffers, first) then
    vim.api.nvim_buf_delete(first, { force = true })
  end
  local keys = {
    a = function()
      M.answer("accept", { hunks = kept(params, left) })
    end,
    r = function()
      M.answer("reject")
    end,
    q = function()
      M.answer("reject")
    end,
    A = function()
      vim.ui.input({ prompt = "Kimi, what shall be different? " }, function(remark)
        if remark then
          M.answer("again", { remark = remark })
        end
      end)
    end,
    h = function()
      toggle(params, left, namespace)
    end,
  }
  for _, buffer in ipairs(buffers) do
    for key, action in pairs(keys) do
      vim.keymap.set("n", key, action, { buffer = buffer, nowait = true, desc = "Kimi: " .. HELP })
    end
  end
  vim.api.nvim_create_autocmd("TabClosed", {
    group = vim.api.nvim_create_augroup("kimi.preview", { clear = true }),
    callback = function()
      if open and not vim.api.nvim_tabpage_is_valid(open.tab) then
        finish({ action = "reject" })
      end
    end,
  })
  local words = { params.title, params.summary, params.trouble ~= "" and params.trouble or nil, "(" .. params.cost .. ")" }
  vim.api.nvim_echo({ { table.concat(vim.tbl_values(words), " ") } }, true, {})
end

---Handles the request `kimi/preview`; Neovim runs it in a coroutine, so that a person may take their time.
---@param _error any
---@param params table
---@return table
function M.preview(_error, params)
  local running = coroutine.running()
  show(params, function(answer)
    vim.schedule(function()
      local ok, problem = coroutine.resume(running, answer)
      if not ok then
        vim.notify("Kimi: " .. tostring(problem), vim.log.levels.ERROR)
      end
    end)
  end)
  return coroutine.yield()
end

---@return boolean
function M.is_wanted()
  return config.options.preview
end

return M
