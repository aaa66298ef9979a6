-- Prints the settings of a client of S3 as JSON, for settings.py.
local awl = require "awl"
local client_settings = require "awl.client_settings"

local session = awl.session {}
print(awl.json.encode(client_settings.resolve(session, {}, "s3")))
