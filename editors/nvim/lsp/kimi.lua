-- Kimi for Neovim 0.11 and newer. Goes to lsp/kimi.lua in your configuration folder; enable it with
--   vim.lsp.enable("kimi")

-- Neovim tells a server only of its own diagnostics, so those of the other servers go along with the command.
local function diagnostics(client, bufnr, first, last)
  local function position(lnum, col)
    local text = vim.api.nvim_buf_get_lines(bufnr, lnum, lnum + 1, false)[1] or ""
    return { line = lnum, character = vim.str_utfindex(text, client.offset_encoding, math.min(col, #text), false) }
  end
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(bufnr)) do
    if one.lnum <= last and (one.end_lnum or one.lnum) >= first then
      table.insert(found, {
        range = {
          start = position(one.lnum, one.col),
          ["end"] = position(one.end_lnum or one.lnum, one.end_col or one.col),
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

-- Runs a command on the lines given, or at the cursor.
local function run(client, bufnr, name, options, more)
  local line, column = unpack(vim.api.nvim_win_get_cursor(0))
  local text = vim.api.nvim_get_current_line()
  local cursor = { line = line - 1, character = vim.str_utfindex(text, client.offset_encoding, column, false) }
  local range = { start = cursor, ["end"] = cursor }
  if options.range > 0 then
    range = { start = { line = options.line1 - 1, character = 0 }, ["end"] = { line = options.line2, character = 0 } }
  end
  local argument = vim.tbl_extend("error", { uri = vim.uri_from_bufnr(bufnr), range = range }, more or {})
  client:exec_cmd({ title = name, command = name, arguments = { argument } }, { bufnr = bufnr })
end

return {
  cmd = { "kimi-lsp", "serve" },
  root_markers = { ".kimi-lsp.toml", ".git" },
  -- Says that the command below exists here, so that "Kimi: Refactor selection…" may ask for an instruction.
  init_options = { clientCommands = { "kimi.client.prompt" } },
  commands = {
    ["kimi.client.prompt"] = function(command, context)
      vim.ui.input({ prompt = "Kimi, what shall change? " }, function(instruction)
        if not instruction or instruction == "" then
          return
        end
        local argument = vim.deepcopy(command.arguments[1])
        local name = argument.command
        argument.command, argument.instruction = nil, instruction
        local client = assert(vim.lsp.get_client_by_id(context.client_id))
        client:exec_cmd({ title = name, command = name, arguments = { argument } }, { bufnr = context.bufnr })
      end)
    end,
  },
  on_attach = function(client, bufnr)
    local command = function(name, action, options)
      vim.api.nvim_buf_create_user_command(bufnr, name, action, options)
    end
    command("KimiExplain", function(options)
      run(client, bufnr, "kimi.explain", options)
    end, { range = true, desc = "Explain the lines, or the function at the cursor" })
    command("KimiRefactor", function(options)
      run(client, bufnr, "kimi.refactor", options, { instruction = options.args })
    end, { range = true, nargs = "+", desc = "Change the lines as the instruction says" })
    command("KimiFix", function(options)
      local found = diagnostics(client, bufnr, options.line1 - 1, options.line2 - 1)
      if #found == 0 then
        return vim.notify("Kimi: there is no diagnostic on these lines.")
      end
      run(client, bufnr, "kimi.fix", options, { diagnostics = found })
    end, { range = true, desc = "Fix the diagnostics on the lines, whichever server they are from" })
    command("KimiCancel", function()
      client:exec_cmd({ title = "kimi.cancel", command = "kimi.cancel", arguments = { { uri = vim.uri_from_bufnr(bufnr) } } })
    end, { desc = "Stop what runs for this buffer" })
  end,
}
