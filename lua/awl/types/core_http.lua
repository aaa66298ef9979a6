---@meta awl.core.http

--- Plain HTTP requests on the pool of connections that AWS calls use, for awl's own
--- modules. Redirects are not followed, nothing is repeated, nothing is logged.
local http = {}

---@class awl.core.HttpRequest
---@field url string
---@field method string? default GET
---@field headers table<string, string>?
---@field body string?
---@field timeout number? seconds, from getting a connection to the end; default none
---@field connect_timeout number? default 60
---@field read_timeout number? without a byte; default 60
---@field max_body integer? of the answer, bytes; default 256 MiB
---@field direct boolean? through no proxy
---@field ca_bundle string? PEM file
---@field insecure boolean? do not verify the server's certificate
---@field repeatable boolean? sending it twice does no harm, as with GET and HEAD

---@class awl.core.HttpResponse
---@field status integer
---@field headers table<string, string> names in lower case
---@field body string

--- Suspends the task until the whole answer is there. Raises when none comes: an error of
--- kind "transport" or "timeout".
---@param request awl.core.HttpRequest
---@return awl.core.HttpResponse
function http.request(request) end

return http
