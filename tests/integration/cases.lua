-- What the integration scripts share: named cases, of which each failure is shown.
--
--     local case, finish = dofile(".../cases.lua")
--     case("an object comes back as it was put", function() ... assert(...) end)
--     finish()

local failed, run = {}, 0

--- Runs one case at once. A failure does not stop the others.
local function case(name, body)
  run = run + 1
  local ok, err = xpcall(body, function(err) return debug.traceback(tostring(err), 2) end)
  if ok then
    print("ok   " .. name)
  else
    failed[#failed + 1] = name
    print("FAIL " .. name .. "\n     " .. err:gsub("\n", "\n     "))
  end
end

--- Ends the script.
local function finish()
  print(("%d of %d cases passed"):format(run - #failed, run))
  os.exit(#failed == 0 and 0 or 1)
end

--- Raises unless both are the same, and shows them.
local function equal(expected, actual, what)
  if expected ~= actual then
    error(("%s: expected %s, got %s"):format(what or "value", tostring(expected),
      tostring(actual)), 2)
  end
end

--- Resident memory of this process in KiB: "VmRSS" now, "VmHWM" at its highest.
local function memory(field)
  for line in io.lines("/proc/self/status") do
    local kib = line:match("^" .. field .. ":%s*(%d+)")
    if kib then return tonumber(kib) end
  end
end

return case, finish, equal, memory
