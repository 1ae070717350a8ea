--- `:Kimi` and its subcommands: one table, from which running, completion and the help's list come.
local client_of = require("kimi.client")
local diagnostics = require("kimi.diagnostics")
local M = {}

---@class kimi.Command
---@field command string The server's command.
---@field words string? What the words behind the subcommand are: asked for where there are none and it ends in `!`.
---@field place boolean? Whether it is about lines.
---@field problems boolean? Whether it is about the diagnostics on the lines.
---@field shows string? The float's title for what it answers.

---@type table<string, kimi.Command>
M.table = {
  ["fix"] = { command = "kimi.fix", place = true, problems = true },
  ["fix-all"] = { command = "kimi.fixAll", place = true },
  ["refactor"] = { command = "kimi.refactor", place = true, words = "what shall change!" },
  ["explain"] = { command = "kimi.explain", place = true, shows = "Kimi" },
  ["implement"] = { command = "kimi.implement", place = true, words = "what is missing" },
  ["document"] = { command = "kimi.document", place = true, words = "how" },
  ["write-tests"] = { command = "kimi.writeTests", place = true, words = "what to test" },
  ["ask"] = { command = "kimi.ask", place = true, words = "what do you want!", shows = "Kimi" },
  ["do-comment"] = { command = "kimi.doComment", place = true },
  ["rename-better"] = { command = "kimi.renameBetter", place = true, words = "which names" },
  ["action"] = { command = "kimi.action", place = true, words = "which of your actions!", shows = "Kimi" },
  ["review"] = { command = "kimi.review", place = true, words = "diff, or what to look for" },
  ["apply"] = { command = "kimi.applySuggestion", place = true },
  ["dismiss"] = { command = "kimi.dismiss", place = true },
  ["commit-message"] = { command = "kimi.commitMessage", words = "what to say" },
  ["show-request"] = { command = "kimi.showRequest", place = true, words = "of which command", shows = "What would be sent" },
  ["usage"] = { command = "kimi.usage", shows = "What was spent" },
  ["cancel"] = { command = "kimi.cancel" },
}

---A commit's message goes to the top of the buffer where one is being written, else to the unnamed register.
local function message(text)
  if vim.bo.filetype == "gitcommit" then
    vim.api.nvim_buf_set_lines(0, 0, 0, false, vim.split(text, "\n", { plain = true }))
  else
    vim.fn.setreg('"', text)
    vim.notify("Kimi: the commit's message is in the unnamed register; p puts it.")
  end
end

local function told(row, result)
  if type(result.text) == "string" then
    message(result.text)
  elseif result.markdown and row.shows then
    require("kimi.float").show(row.shows, result.markdown)
  elseif result.status == "ok" and result.message and require("kimi.config").options.notify then
    vim.api.nvim_echo({ { (("Kimi: " .. result.message):gsub("%s+", " ")) } }, true, {})
  end
end

---Runs a subcommand.
---@param name string
---@param options { line1: integer?, line2: integer?, words: string? }
function M.run(name, options)
  local row = M.table[name]
  if not row then
    return vim.notify(("Kimi: there is no `%s`; :Kimi <Tab> lists what there is."):format(name), vim.log.levels.ERROR)
  end
  local bufnr = vim.api.nvim_get_current_buf()
  local client = client_of.of(bufnr)
  if not client then
    return vim.notify("Kimi: the server does not run for this buffer; see :checkhealth kimi.", vim.log.levels.ERROR)
  end
  local uri, words = vim.uri_from_bufnr(bufnr), options.words or ""
  local argument = vim.empty_dict()
  if row.place then
    argument = { uri = uri, range = client_of.range(client, bufnr, options.line1, options.line2) }
  elseif name ~= "usage" then
    argument = { uri = uri }
  end
  if row.problems then
    local first, last = argument.range.start.line, argument.range["end"].line
    argument.diagnostics = diagnostics.all(client, bufnr, first, last)
    if #argument.diagnostics == 0 then
      return vim.notify("Kimi: there is no diagnostic on these lines.", vim.log.levels.WARN)
    end
  end
  local function run(instruction)
    if name == "show-request" then
      argument.kind = instruction ~= "" and instruction or nil
    elseif name == "review" and instruction == "diff" then
      argument.diff, argument.range = true, nil
    elseif name == "action" then
      argument.name, argument.instruction = instruction:match("^%s*(%S*)%s*(.*)$")
    elseif row.words and instruction ~= "" then
      argument.instruction = instruction
    end
    client_of.execute(client, bufnr, row.command, argument, function(result)
      told(row, result)
    end)
  end
  if row.words and row.words:sub(-1) == "!" and words == "" then
    vim.ui.input({ prompt = ("Kimi, %s? "):format(row.words:sub(1, -2)) }, function(instruction)
      if instruction and instruction ~= "" then
        run(instruction)
      end
    end)
  else
    run(words)
  end
end

---Takes what the user typed behind `:Kimi`.
---@param given table As `nvim_create_user_command` gives it.
function M.typed(given)
  local name, words = given.args:match("^(%S+)%s*(.*)$")
  local lines = given.range > 0 and { line1 = given.line1, line2 = given.line2 } or {}
  M.run(name or "", vim.tbl_extend("force", lines, { words = words }))
end

---Completes the subcommand.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local before = line:match("Kimi%s+(.*)$") or ""
  if before:find("%s") and not before:find("^show%-request%s+%S*$") then
    return {}
  end
  local names = vim.tbl_keys(M.table)
  table.sort(names)
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, names)
end

---The menu's "Refactor selection…": asks for words, then runs the command that is named in the argument.
---@param command lsp.Command
---@param context { client_id: integer, bufnr: integer }
function M.prompt(command, context)
  vim.ui.input({ prompt = "Kimi, what shall change? " }, function(instruction)
    local client = vim.lsp.get_client_by_id(context.client_id)
    if not instruction or instruction == "" or not client then
      return
    end
    local argument = vim.deepcopy(command.arguments[1])
    local name = argument.command
    argument.command, argument.instruction = nil, instruction
    client_of.execute(client, context.bufnr, name, argument, function(result)
      told({}, result)
    end)
  end)
end

return M
