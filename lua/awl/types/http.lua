---@meta awl.http

-- Requests to any web server: webhooks, status pages, downloads. They suspend only their
-- task, share the pool of connections, its limits and the environment's proxies with the
-- calls to AWS, and never carry AWS credentials. They are not retried.
--
--   awl.http.post(hook, { json = { text = "done" }, raise = true })
--   local page = awl.http.get "https://example.com/status"
--   awl.http.get(url, { stream = true }).body:save "/tmp/file"

---@class awl.http
local http = {}

---@class awl.HttpOptions
---@field headers table<string, string|number|string[]>? a list is a field for each of its values
---@field body awl.Upload? of a file the length is sent, of a function it is not (chunked)
---@field json any? sent as JSON, with a Content-Type unless headers have one
---@field stream boolean? the answer's body is an awl.Body, read as it comes; close it
---@field raise boolean? a status of 400 and above raises "HttpStatus", with err.status and
--- err.response. Without it any status is an answer
---@field follow_redirects boolean|integer|nil true: up to 10. Default: a redirect is an
--- answer. Authorization and Cookie fields and client certificates do not go to another
--- scheme, host or port; a POST becomes a GET after 301, 302 and 303
---@field timeout number? seconds for all of it, the body too, not counting the wait for a
--- connection; default none
---@field connect_timeout number? default 60
---@field read_timeout number? without a byte; default 60
---@field max_body integer? bytes of the answer, unless streamed; default 256 MiB; more is
--- "TooLarge"
---@field proxy string|false|nil URL; false: none. Default: the environment's
---@field ca_bundle string? PEM file; default the system's
---@field verify_ssl boolean? false: whoever is on the way may read and change what is sent
---@field client_cert string? PEM file
---@field client_key string? PEM file; default: client_cert has it
---@field repeatable boolean? sending it twice does no harm, as with GET and HEAD: it may go
--- out again when a connection that was kept open turns out to be dead

---@class awl.HttpRequest: awl.HttpOptions
---@field url string http or https
---@field method string? default POST with a body, else GET

---@class awl.HttpResponse
---@field status integer
---@field headers table<string, string> names in lower case; values of one name joined by ", "
---@field body string|awl.Body
---@field url string the last one, where redirects were followed

--- Raises errors of kind "transport" ("ConnectionRefused", "HostNotFound",
--- "CertificateError", "TooManyRedirects", ...) and "timeout" when no answer comes. What
--- cannot be sent is refused, such as a space in the URL ("InvalidUrl"), a method that is no
--- word ("InvalidMethod") and a line break in a field ("InvalidHeader"). What the body's
--- source raises is the request's error; a streamed answer is given out once the upload has
--- been sent.
---@param request awl.HttpRequest
---@return awl.HttpResponse
function http.request(request) end

---@param url string
---@param options awl.HttpOptions?
---@return awl.HttpResponse
function http.get(url, options) end

---@param url string
---@param options awl.HttpOptions?
---@return awl.HttpResponse
function http.head(url, options) end

---@param url string
---@param options awl.HttpOptions?
---@return awl.HttpResponse
function http.post(url, options) end

---@param url string
---@param options awl.HttpOptions?
---@return awl.HttpResponse
function http.put(url, options) end

---@param url string
---@param options awl.HttpOptions?
---@return awl.HttpResponse
function http.patch(url, options) end

---@param url string
---@param options awl.HttpOptions?
---@return awl.HttpResponse
function http.delete(url, options) end

return http
