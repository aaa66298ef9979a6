#!/usr/bin/env awl
-- Reads the access list of every object of a bucket and tells which ones are public. It
-- changes nothing.
--
-- IAM actions: s3:ListBucket on the bucket, s3:GetObjectAcl on its objects.
--
-- On stdout one JSON line an object: { "bucket", "key", "public", "grants" }. On stderr a
-- summary with the public ones.
local awl = require "awl"

local parser = awl.args("acl_audit.lua",
  "Tells which objects of a bucket anybody, or anybody with an AWS account, may use. "
  .. "One JSON line an object on stdout, a summary on stderr.")
parser:option("--bucket", "the bucket to audit"):argname "B":count(1)
parser:option("--prefix", "only objects whose key begins so", ""):argname "P"
parser:option("--concurrency", "how many calls at a time", "50"):argname "N"
  :convert(math.tointeger)
parser:epilog "Try it with no AWS account: awl --local scripts/acl_audit.lua --bucket audit-me"
local options = parser:parse()

local PUBLIC = {
  ["http://acs.amazonaws.com/groups/global/AllUsers"] = "everybody",
  ["http://acs.amazonaws.com/groups/global/AuthenticatedUsers"] = "every AWS account",
}

local s3 = awl.client "s3"
local public = {}

--- "everybody: READ" for each grant to a public group.
local function public_grants(grants)
  local found = {}
  for _, grant in ipairs(grants) do
    local who = PUBLIC[grant.Grantee.URI]
    if who then found[#found + 1] = who .. ": " .. grant.Permission end
  end
  return found
end

local function audit(object)
  local acl = s3:get_object_acl { Bucket = options.bucket, Key = object.Key }
  local grants = public_grants(acl.Grants or {})
  awl.emit {
    bucket = options.bucket, key = object.Key, public = #grants > 0,
    grants = awl.json.array(grants),
  }
  if #grants > 0 then
    public[#public + 1] = ("%s (%s)"):format(object.Key, table.concat(grants, ", "))
  end
end

local objects = s3:pages("list_objects_v2",
  { Bucket = options.bucket, Prefix = options.prefix }):items()
local run = awl.map(objects, audit, { concurrency = options.concurrency, results = false })

for _, failed in ipairs(run.failed) do
  awl.log.error("cannot audit", { key = failed.item.Key, error = failed.error })
end
table.sort(public)
for _, line in ipairs(public) do io.stderr:write("public: ", line, "\n") end
io.stderr:write(("%d of %d objects of %s are public, %d could not be read, %.1f s\n")
  :format(#public, run.total, options.bucket, #run.failed, run.elapsed))
os.exit(#run.failed == 0 and 0 or 1)
