---@meta awl.core.http

--- Plain HTTP requests on the pool of connections that AWS calls use, for awl's own
--- modules; awl.http is for scripts. Redirects are not followed, nothing is repeated, nothing
--- is logged. The table of options must not be changed before the answer is there.
local http = {}

---@class awl.core.HttpRequest
---@field url string
---@field method string? default GET
---@field headers table<string, string|string[]>?
---@field body string?
---@field timeout number? seconds, from getting a connection to the end; default none
---@field connect_timeout number? default 60
---@field read_timeout number? without a byte; default 60
---@field max_body integer? of the answer, bytes; default 256 MiB
---@field direct boolean? through no proxy
---@field proxy string? URL; default: the environment's
---@field client_cert string? PEM file
---@field client_key string?
---@field ca_bundle string? PEM file
---@field insecure boolean? do not verify the server's certificate
---@field repeatable boolean? sending it twice does no harm, as with GET and HEAD
---@field stream boolean? of start: the body is had from exchange:body()
---@field upload boolean? of start: the body comes through exchange:feed()
---@field upload_length integer? of that; default: unknown, it is sent in chunks

---@class awl.core.HttpResponse
---@field status integer
---@field headers table<string, string> names in lower case
---@field body string

--- Suspends the task until the whole answer is there. Raises when none comes: an error of
--- kind "transport" or "timeout".
---@param request awl.core.HttpRequest
---@return awl.core.HttpResponse
function http.request(request) end

---@class awl.core.Exchange
local Exchange = {}

--- Starts a request. The exchange can be closed, which stops it.
---@param request awl.core.HttpRequest
---@return awl.core.Exchange
function http.start(request) end

--- Waits for the answer's head; without `stream` for all of it.
---@return awl.core.HttpResponse
function Exchange:head() end

--- Once, after head: the rest of the answer, which is the body's from then on.
---@return awl.Body
function Exchange:body() end

--- Hands over a piece of the upload when there is room for it.
---@param piece string
---@return boolean taken false: the server listens no more
function Exchange:feed(piece) end

function Exchange:feed_end() end

function Exchange:close() end

--- Where the Location of an answer leads; nil if not to an http or https URL.
---@param url string of the request
---@param location string
---@return string? url
---@return boolean same_origin
function http.redirect(url, location) end

return http
