-- `:Kimi`, and the echo of what runs. Nothing else is loaded before it is used.
if vim.g.loaded_kimi then
  return
end
vim.g.loaded_kimi = true

vim.api.nvim_create_user_command("Kimi", function(given)
  require("kimi.commands").typed(given)
end, {
  nargs = "+",
  range = true,
  desc = "Ask Kimi about the lines, or what is at the cursor",
  complete = function(lead, line)
    return require("kimi.commands").complete(lead, line)
  end,
})

require("kimi.status").follow()
