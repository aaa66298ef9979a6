--- `awl test [FILE|FOLDER]...`: runs tests written in Lua.
---
--- One file runs in this process; of more, each in a process of its own, so that none
--- can disturb another, some of them side by side.
local new_parser = require "awl.core.parser"
local test = require "awl.test"

local function read_arguments(words)
  local parser = new_parser("awl test", "Runs tests written with describe and it.")
  parser:argument("path", "files, or folders with *_test.lua in them"):args("*")
  parser:option("-f --filter", "only tests whose name matches this pattern"):argname("PATTERN")
  parser:option("-j --jobs", "how many files to run side by side"):argname("N")
    :convert(math.tointeger)
  parser:flag("-v --verbose", "tell every test, not only what failed")
  return parser:parse(words)
end

local function is_test(path, folder)
  return path:find "_test%.lua$" or (folder:find "regress$" and path:find "%.lua$")
end

-- Adds the test files in a folder, and in those below it.
local function add_folder(files, folder)
  local fs = require "awl.fs"
  for _, name in ipairs(fs.list(folder)) do
    local path = folder .. "/" .. name
    if fs.stat(path).type == "directory" then
      add_folder(files, path)
    elseif is_test(path, folder) then
      files[#files + 1] = path
    end
  end
end

local function find_files(paths)
  local fs = require "awl.fs"
  local files = {}
  for _, path in ipairs(paths) do
    if fs.stat(path).type == "directory" then
      add_folder(files, (path:gsub("(.)/+$", "%1")))
    else
      files[#files + 1] = path
    end
  end
  return files
end

local function indent(text)
  return "  " .. text:gsub("%s+$", ""):gsub("\n", "\n  ")
end

local function tell(result, verbose)
  if result.status == "failed" then
    print(("FAILED %s: %s\n%s"):format(result.place, result.name, indent(result.message)))
  elseif result.status == "skipped" then
    print(("skipped %s: %s (%s)"):format(result.place, result.name, result.message))
  elseif verbose then
    print(("passed %s: %s"):format(result.place, result.name))
  end
end

local function summary(counts)
  local text = ("%d passed, %d failed"):format(counts.passed, counts.failed)
  return counts.skipped > 0 and text .. (", %d skipped"):format(counts.skipped) or text
end

local function run_here(path, args, counts)
  test.run_file(path, args, function(result)
    counts[result.status] = counts[result.status] + 1
    tell(result, args.verbose)
  end)
end

--- What the child printed, without its last line, and the counts in that.
local function read_summary(output)
  local body, passed, failed, rest = output:match("^(.-)(%d+) passed, (%d+) failed([^\n]*)\n$")
  if not body then return nil end
  return body, { passed = tonumber(passed), failed = tonumber(failed),
                 skipped = tonumber(rest:match("%d+") or 0) }
end

local function run_child(path, args)
  local process = require "awl.core.process"
  local words = { process.self(), "test", path }
  if args.filter then table.move({ "--filter", args.filter }, 1, 2, #words + 1, words) end
  if args.verbose then words[#words + 1] = "--verbose" end
  local child <close> = process.start(words, { stdout = "pipe", stdin = "null",
                                               die_with_parent = true })
  local output = child:read "a"
  local status, signal = child:wait()
  local body, counts = read_summary(output)
  if counts then return body, counts end
  local how = signal and "signal " .. signal or "exit code " .. tostring(status)
  return ("%sFAILED %s:1: the file's process ended early, with %s\n"):format(output, path, how),
    { passed = 0, failed = 1, skipped = 0 }
end

local function run_children(files, args, counts)
  local jobs = args.jobs or require "awl.core.testing".cpus()
  local run = require "awl.map"(files, function(path)
    local body, more = run_child(path, args)
    io.write(body)
    for status, count in pairs(more) do counts[status] = counts[status] + count end
  end, { concurrency = jobs })
  for _, failure in ipairs(run.failed) do
    print(("FAILED %s:1: cannot be run\n%s"):format(failure.item, indent(tostring(failure.error))))
    counts.failed = counts.failed + 1
  end
end

return function(words)
  local args = read_arguments(words)
  local files = find_files(#args.path > 0 and args.path or { "." })
  local counts = { passed = 0, failed = 0, skipped = 0 }
  if #files == 1 then
    run_here(files[1], args, counts)
  else
    run_children(files, args, counts)
  end
  print(summary(counts))
  if counts.passed + counts.failed + counts.skipped == 0 then
    io.stderr:write("awl test: there is no test", args.filter and " of such a name" or
      " (folders are searched for *_test.lua)", "\n")
    return 252
  end
  -- Tasks that failed tests have left behind would be waited for.
  if counts.failed > 0 then os.exit(1) end
  return 0
end
