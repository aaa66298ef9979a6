-- One case of the suite of credentials, in a process with the case's own environment:
--
--     awl run case.lua KIND ROOT CASE.json
--
-- ROOT is the folder that the machine's files are in. What is wrong is printed; nothing,
-- if all is well; "SKIP reason" for a case that does not apply.
local awl = require "awl"
local here = arg[0]:match "^(.*/)" or ""
local kind, root, case_path = arg[1], arg[2], arg[3]
local case = awl.json.decode(awl.fs.read_file(case_path))

local function load_file(name, ...) return assert(loadfile(here .. name .. ".lua"))(...) end

local common = load_file "common"
common.replay = load_file("replay", here .. "../")
local run
for _, name in ipairs { "recorded", "logins", "roles", "files", "services", "modules" } do
  run = run or load_file(name, common)[kind]
end
common.replay.files(root)

local ok, problem = pcall(assert(run, "there are no cases of the kind " .. kind), case)
if not ok then problem = "the runner failed: " .. tostring(problem) end
if problem then print(problem) end
