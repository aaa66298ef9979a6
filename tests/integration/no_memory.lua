-- A call during which an allocation fails: an upload from a function, or a download. Or a
-- client of a service out of the user's folder.
local awl = require "awl"
local what, url = ...
local s3 = awl.client("s3", { endpoint_url = url, retries = { max_attempts = 1 } })

local opened = 0

local calls = {
  upload = function()
    local pieces = 0
    s3:put_object { Bucket = "b", Key = "k", ContentLength = 2, Body = function()
      pieces = pieces + 1
      return pieces <= 2 and "x" or nil
    end }
  end,
  download = function() assert(s3:get_object({ Bucket = "b", Key = "k" }).Body:read() == "{}") end,
  model = function()
    opened = opened + 1
    local made = awl.client("own" .. opened):prepare("list_things", {}).url
    if made ~= "https://own.eu-west-1.example.test/things" then os.exit(200) end
  end,
}

calls[what]() -- what is kept for the next call is there
os.getenv "NO_MEMORY_NOW"
pcall(awl.timeout, 0.5, calls[what]) -- libcurl may forget what it was about
print(os.getenv "NO_MEMORY_NOW")
