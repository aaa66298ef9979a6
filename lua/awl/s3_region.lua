--- Finds out in which region a bucket is, where the error of a call did not say so.
---
--- HeadBucket is told by a header of its answer, whatever that is; the client remembers.
local errors = require "awl.core.error"

---@param client awl.Client
---@param input { Bucket: string }
return function(client, input)
  local ok, err = pcall(client.call, client, "HeadBucket", { Bucket = input.Bucket })
  if not ok and errors.is_canceled(err) then error(err, 0) end
end
