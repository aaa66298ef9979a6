---@meta awl
-- The table that `require "awl"` returns; a global of `awl -e` and the REPL. Each module has
-- a file here; map, gather, spawn, timeout and what else is about tasks are in tasks.lua.

---@class awl
---@field base64 awl.base64
---@field fs awl.fs
---@field http awl.http
---@field jmespath awl.jmespath
---@field json awl.json
---@field log awl.log
---@field process awl.process
---@field stdin awl.stdin
---@field time awl.time
local awl = {}

--- A client of a service by boto3's name for it, of the session that environment and command
--- line describe: see client.lua and session.lua.
---@param service string
---@param options awl.ClientOptions?
---@return awl.Client
function awl.client(service, options) end

--- A session of its own: another profile, region, credentials or role.
---@param options awl.SessionOptions?
---@return awl.Session
function awl.session(options) end

--- The parser of a script's command line: argparse's (its manual has the rest), which also
--- takes awl's own options and answers --help. A wrong command line ends the script with 252.
---
---     local parser = awl.args("sweep", "Lists what is new in a bucket.")
---     parser:argument("bucket", "its name")
---     parser:option("--since", "how far to look back", "1d"):convert(awl.time.ago)
---     parser:flag("--quiet", "print no names")
---     local args = parser:parse() -- args.bucket, args.since, args.quiet
---@param name string
---@param description string
---@return table parser
function awl.args(name, description) end

--- Prints the table as one line of JSON on standard output, whole and at once. `account`
--- and `region` are added from the task's context unless the table has them. Raises
--- InvalidJson for what JSON cannot say, and OutputError when the line cannot be written.
---@param value table
function awl.emit(value) end

--- A limiter of `rate` tokens a second, of which up to `burst` (default 1) are saved up.
---@param rate number
---@param burst number?
---@return awl.Limiter
function awl.limiter(rate, burst) end

return awl
