---@meta awl.core.server
--- HTTP on loopback, and the codecs of the service models from the server's side: what
--- the emulator (awl local) is made of. For awl's own Lua files.

local server = {}

---@class awl.Server
local Server = {}

--- Waits for the next request; nil once the server is closed. One task may wait.
---@return awl.Exchange?
function Server:accept() end

---@return integer? port nil once it is closed
function Server:port() end

--- Stops listening and closes all connections.
function Server:close() end

--- One request and its answer. The parts of the request are as they came: path and query
--- percent-encoded, a body sent as aws-chunked not decoded. It can be closed, which frees
--- the request; one that was not answered closes its connection.
---@class awl.Exchange
---@field method string
---@field path string
---@field query string without '?'
---@field headers table<string, string> names in lower case; a new table each time
---@field body string
local Exchange = {}

---@alias awl.Answer { status: integer?, headers: table<string, string|string[]>?, body: string? }

--- The whole answer.
---@param answer awl.Answer
---@return boolean sent false: the client has gone
function Exchange:respond(answer) end

--- An answer in pieces: begin, then write, then finish. They raise when the client has
--- gone; write waits while it reads too slowly.
---@param head awl.Answer
function Exchange:begin(head) end

---@param bytes string
function Exchange:write(bytes) end

function Exchange:finish() end

--- Closes the connection at once.
function Exchange:reset() end

---@return boolean gone the client has gone away
function Exchange:closed() end

--- Frees the request.
function Exchange:close() end

--- The codecs of a service.
---@class awl.ServerWire
---@field service string
---@field protocol "json"|"rest-json"|"rest-xml"|"query"|"ec2"|"cbor"
local Wire = {}

--- The operation that a request is for, or nil.
---@param exchange awl.Exchange
---@return string?
function Wire:match(exchange) end

--- The input; a body sent as aws-chunked is decoded first, its checksum with it. Raises
--- for a request that is not what the model says.
---@param operation string
---@param exchange awl.Exchange
---@return table
function Wire:read_input(operation, exchange) end

--- Answers with an output; raises if it is not what the model says.
---@param exchange awl.Exchange
---@param operation string
---@param output table? a streamed body is a string in it, an event stream a list
---@param request_id string
---@param headers table<string, string>? beside the model's
---@param status integer? instead of the model's
---@return boolean sent false: the client has gone
function Wire:respond_output(exchange, operation, output, request_id, headers, status) end

--- The bytes of one event of the operation's answer, { Name = { ... } }, for an answer
--- in pieces; an event that the model calls an exception becomes one.
---@param operation string
---@param event table
---@return string
function Wire:frame(operation, event) end

--- Answers with an error: its status is the one given, else the model's for the code,
--- else 400.
---@param exchange awl.Exchange
---@param operation string?
---@param err { code: string, message: string, status: integer?, members: table? }
---@param request_id string
---@param headers table<string, string>?
---@return boolean sent false: the client has gone
function Wire:respond_error(exchange, operation, err, request_id, headers) end

---@param options { address: string?, port: integer? }? 127.0.0.1 and a free port
---@return awl.Server
function server.listen(options) end

--- Raises for a service that no model has.
---@param service string
---@return awl.ServerWire
function server.wire(service) end

---@alias awl.Verdict "valid"|"missing"|"malformed"|"unknown"|"skewed"|"expired"|"mismatch"|"bad body"

--- Whether the request, and every piece of a body sent in signed pieces, was signed with
--- the secret of the access key that it names.
---@param exchange awl.Exchange
---@param keys table<string, string> secrets by access key
---@return awl.Verdict
---@return string? reason
function server.verify(exchange, keys) end

--- A random UUID.
---@return string
function server.uuid() end

--- The bytes of a checksum: "crc32", "crc32c", "crc64nvme", "sha1", "sha256", "sha512",
--- "md5"; nil for another name.
---@param algorithm string
---@param bytes string
---@return string?
function server.checksum(algorithm, bytes) end

return server
