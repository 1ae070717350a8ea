--- `:checkhealth kimi`: names each thing that is missing, and what to do.
local config = require("kimi.config")
local M = {}

local function server()
  local program = config.options.command[1]
  if vim.fn.executable(program) == 0 then
    vim.health.error(("`%s` is not on Neovim's PATH"):format(program), {
      "Install the server: pipx install kimi-lsp (from a clone: pipx install .)",
      'Or name it by its full path: require("kimi").setup({ command = { "/full/path/kimi-lsp", "serve" } })',
    })
    return nil
  end
  local ran = vim.system({ program, "--version" }, { text = true, timeout = 10000 }):wait()
  if ran.code ~= 0 then
    vim.health.error(("`%s --version` failed"):format(program), { vim.trim(ran.stderr or "") })
    return nil
  end
  vim.health.ok(vim.trim(ran.stdout))
  return program
end

local function doctor(program)
  local ran = vim.system({ program, "doctor", "--json" }, { text = true, timeout = 30000 }):wait()
  local read, found = pcall(vim.json.decode, ran.stdout or "")
  if not read or type(found) ~= "table" or type(found.findings) ~= "table" then
    return vim.health.warn("`kimi-lsp doctor` gave no answer", { "Run it in a terminal." })
  end
  local says = { ok = vim.health.ok, remark = vim.health.warn, wrong = vim.health.error }
  for _, one in ipairs(found.findings) do
    if one.subject ~= "version" then
      says[one.state](("%s: %s"):format(one.subject, one.sentence))
    end
  end
end

function M.check()
  vim.health.start("kimi")
  if vim.fn.has("nvim-0.11") == 1 then
    local version = vim.version()
    vim.health.ok(("Neovim %d.%d.%d"):format(version.major, version.minor, version.patch))
  else
    vim.health.error("Neovim 0.11 or newer is needed", { "Update Neovim." })
  end
  if vim.fn.exists(":Kimi") == 2 then
    vim.health.ok(":Kimi is defined")
  else
    vim.health.error(":Kimi is not defined", { "Put the folder editors/nvim on your runtimepath, before plugins load." })
  end
  if vim.lsp.is_enabled and vim.lsp.is_enabled("kimi") then
    vim.health.ok("the server is enabled")
  else
    vim.health.error("the server is not enabled", { 'Add vim.lsp.enable("kimi") to your init.lua.' })
  end
  local program = server()
  if program then
    doctor(program)
  end
  local count = #vim.lsp.get_clients({ name = "kimi" })
  vim.health.info(count > 0 and "it runs" or "it runs for no buffer yet")
end

return M
