--- Access control lists: canned ones, grants in headers and in bodies. They are kept and
--- told, not enforced.
local fault = require "awl.emulator.fault"
local store = require "awl.emulator.s3.store"

local GROUPS = "http://acs.amazonaws.com/groups/"
local ALL_USERS = GROUPS .. "global/AllUsers"
local AUTHENTICATED_USERS = GROUPS .. "global/AuthenticatedUsers"
local LOG_DELIVERY = GROUPS .. "s3/LogDelivery"

local OWNER_ID = ("0123456789abcdef"):rep(4)

local acl = { ALL_USERS = ALL_USERS, AUTHENTICATED_USERS = AUTHENTICATED_USERS }

function acl.owner() return { ID = OWNER_ID, DisplayName = "local" } end

local function group(uri, permission)
  return { Grantee = { Type = "Group", URI = uri }, Permission = permission }
end

local function user(id, permission)
  return { Grantee = { Type = "CanonicalUser", ID = id,
    DisplayName = id == OWNER_ID and "local" or nil }, Permission = permission }
end

local CANNED = {
  private = {},
  ["public-read"] = { group(ALL_USERS, "READ") },
  ["public-read-write"] = { group(ALL_USERS, "READ"), group(ALL_USERS, "WRITE") },
  ["authenticated-read"] = { group(AUTHENTICATED_USERS, "READ") },
  ["aws-exec-read"] = {},
  ["bucket-owner-read"] = {},
  ["bucket-owner-full-control"] = {},
  ["log-delivery-write"] = { group(LOG_DELIVERY, "WRITE"), group(LOG_DELIVERY, "READ_ACP") },
}

function acl.canned(name)
  local extra = CANNED[name] or fault("InvalidArgument", "", 400)
  local grants = { user(OWNER_ID, "FULL_CONTROL") }
  table.move(extra, 1, #extra, 2, grants)
  return grants
end

-- Members that x-amz-grant-* headers become.
local HEADERS = {
  { "GrantFullControl", "FULL_CONTROL" }, { "GrantRead", "READ" }, { "GrantWrite", "WRITE" },
  { "GrantReadACP", "READ_ACP" }, { "GrantWriteACP", "WRITE_ACP" },
}

--- 'uri="http://...", id="..."'
local function add_header_grants(grants, text, permission)
  for kind, value in text:gmatch '(%w+)%s*=%s*"?([^",]+)"?' do
    kind = kind:lower()
    if kind == "uri" then
      grants[#grants + 1] = group(value, permission)
    elseif kind == "id" then
      grants[#grants + 1] = user(value, permission)
    else
      fault("InvalidArgument", "Argument format not recognized", 400)
    end
  end
end

local function from_headers(input)
  local grants = {}
  for _, entry in ipairs(HEADERS) do
    local text = input[entry[1]]
    if text then add_header_grants(grants, text, entry[2]) end
  end
  return #grants > 0 and grants or nil
end

--- The grants that an input asks for; the owner's alone if it does not.
function acl.from_input(input)
  local grants = from_headers(input)
  if grants and input.ACL then
    fault("InvalidRequest",
      "Specifying both Canned ACLs and Header Grants is not allowed", 400)
  end
  return grants or acl.canned(input.ACL or "private")
end

local function check_policy(policy)
  for _, grant in ipairs(policy.Grants or {}) do
    local grantee = grant.Grantee
    if not grantee or not (grantee.ID or grantee.URI or grantee.EmailAddress)
      or not grant.Permission then
      fault("MalformedACLError", "The XML you provided was not well-formed or did not "
        .. "validate against our published schema", 400)
    end
  end
  if not policy.Owner then
    fault("MalformedACLError", "The XML you provided was not well-formed or did not "
      .. "validate against our published schema", 400)
  end
  return policy.Grants or {}
end

local function wanted(input)
  if input.AccessControlPolicy then return check_policy(input.AccessControlPolicy) end
  local grants = from_headers(input)
  if not grants and not input.ACL then
    fault("MissingSecurityHeader", "Your request was missing a required header", 400)
  end
  return acl.from_input(input)
end

---@param s3 table<string, function> the operations
function acl.add(s3, buckets)
  function s3.GetObjectAcl(input)
    local object = store.object(buckets, input.Bucket, input.Key)
    return { Owner = acl.owner(), Grants = object.acl }
  end

  function s3.PutObjectAcl(input)
    store.object(buckets, input.Bucket, input.Key).acl = wanted(input)
  end

  function s3.GetBucketAcl(input)
    return { Owner = acl.owner(), Grants = store.bucket(buckets, input.Bucket).acl }
  end

  function s3.PutBucketAcl(input)
    store.bucket(buckets, input.Bucket).acl = wanted(input)
  end
end

return acl
