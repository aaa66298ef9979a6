-- The cases of client side monitoring: how many attempts a call makes of scripted answers.
-- An exception that may be repeated is a connection closed before its answer, of an
-- operation that is idempotent; another one is an answer that cannot be read.
--
--     awl run attempts.lua FOLDER
local awl = require "awl"
local process = require "awl.core.process"

local folder = assert(arg[1], "usage: awl run attempts.lua FOLDER")
local path = folder .. "/csm/cases.json"
local cases = awl.fs.exists(path) and awl.json.decode(awl.fs.read_file(path)).cases or {}

-- The model must be in the data path when the program starts.
if #cases > 0 and not arg[2] then
  local models <close> = awl.fs.temporary_folder()
  local model = awl.json.decode((awl.fs.read_file(folder .. "/csm/service-2.json")
    :gsub('"strucutre"', '"structure"')))
  for _, operation in pairs(model.operations) do operation.idempotent = true end
  awl.fs.make_folder(models.path .. "/csmtest/" .. model.metadata.apiVersion)
  return
end
