--- An explanation in the float, as it is written. Once the user closes the window, that explanation stays away.
local float = require("kimi.float")
local M = {}

---@type table<string, true>
local opened = {}

---Handles `kimi/explaining`: the whole explanation so far.
---@param _error any
---@param params { job: string, uri: string, text: string, done: boolean }
function M.explaining(_error, params)
  if opened[params.job] and not float.is_open() then
    return
  end
  opened[params.job] = true
  float.show("Kimi", params.text)
end

return M
