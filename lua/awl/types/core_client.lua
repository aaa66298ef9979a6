---@meta awl.core.client

--- The C half of sessions and clients, for awl's own modules.
---@class awl.core.client
local core = {}

--- A client from options that session.lua has resolved; see call/client.h.
---@param options table
---@return awl.Client
function core.new(options) end

--- The table a client was made from; not to be changed.
---@param client awl.Client
---@return table
function core.options(client) end

--- The signature of a policy for uploads by POST, in hex, with the keys that the client
--- has at this moment.
---@param client awl.Client
---@param policy string
---@param time integer epoch seconds
---@param region string
---@param signing_name string
---@return string
function core.sign_policy(client, policy, time, region, signing_name) end

--- A slot for credentials; refresh(slot, refused) is called, and may wait, when a call
--- finds no fresh keys in it, and again once after the service has called them expired:
--- then with `refused`.
---@param refresh fun(slot: userdata, refused: boolean)?
---@return userdata slot
function core.credentials(refresh) end

---@param slot userdata
---@param values awl.Credentials|{ anonymous: true }
function core.set_credentials(slot, values) end

--- When calls begin to ask for new ones, instead of when these expire.
---@param slot userdata
---@param time number epoch seconds
function core.refresh_credentials_at(slot, time) end

---@param slot userdata
---@param seconds number? will they still be in so many seconds; default 0
---@return boolean
function core.credentials_usable(slot) end

--- How an operation pages; nil if it answers in one. result_keys is empty if the model
--- does not say.
---@param client awl.Client
---@param operation string
---@return { operation: string, input_tokens: string[], output_tokens: string[], result_keys: string[], limit_key: string?, more_results: string? }?
function core.paginator(client, operation) end

--- The names of the members of an operation's output.
---@param client awl.Client
---@param operation string
---@return string[]
function core.output_members(client, operation) end

--- Asked before each call is serialized; it may wait. nil lets the call go on, a table
--- answers it, an error refuses it.
---@param gate (fun(client: awl.Client, operation: string, input: table?, options: table?): table?)?
function core.set_gate(gate) end

---@class awl.CallEvent
---@field service string
---@field operation string
---@field region string?
---@field attempts integer
---@field status integer?
---@field request_id string?
---@field code string? of the error, if it is one
---@field seconds number of this attempt; with `ended` of the whole call
---@field ended boolean

--- Told of each attempt that failed and of each call's end. It must not wait; what it
--- raises is dropped.
---@param observer fun(event: awl.CallEvent)?
function core.set_observer(observer) end

--- The service id ("DynamoDB Streams"), the name ("dynamodbstreams") and the signing name
--- ("dynamodb") of a service.
---@param name string
---@param api_version string? the newest without it
---@return string, string, string
function core.service_id(name, api_version) end
