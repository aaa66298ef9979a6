---@meta awl.client

--- Clients: the operations of one service as methods. Cheap, immutable, nothing to
--- close; all share connections, and with the same service and region a retry quota.
---
--- An operation is a method in snake_case (`s3:list_objects_v2`) or in AWS's own spelling
--- (`s3:ListObjectsV2`): `client:operation(input, options) -> output`. It suspends its
--- task only. Members are spelt as in AWS's reference; the output has ResponseMetadata as
--- in boto3, and a union whose member awl's model does not know yet is
--- { SDK_UNKNOWN_MEMBER = { name = "..." } }. Anything that goes wrong is raised as an
--- awl.Error.
---@class awl.Client
local Client = {}

--- What is about one call and not in AWS's model. An unknown name is an error.
---@class awl.CallOptions
---@field timeout number? seconds for the whole call, its retries and pauses included, and
--- for the body of a streaming answer; no limit without it
---@field read_timeout number? seconds without a byte in either direction; default 60,
--- longer for operations that are known to hold their answer (lambda:invoke 910, long polls 70)
---@field connect_timeout number? seconds to get a connection; default 60
---@field max_attempts integer? 1 to 1000; 1: no retries. Default: the client's
---@field idempotency_token string? instead of a random one, which is the same for every
--- attempt; an error for operations that take none
---@field headers table<string, string>? added to the request, and signed

---@class awl.ResponseMetadata
---@field RequestId string?
---@field HostId string? S3
---@field HTTPStatusCode integer
---@field RetryAttempts integer attempts after the first
---@field ChecksumAlgorithm string? S3: what the body is compared by, as "crc32"
---@field HTTPHeaders table<string, string> names in lower case; repeated ones joined by ", "

--- An operation by its name, in either spelling.
---@param operation string
---@param input table?
---@param options awl.CallOptions?
---@return table output
function Client:call(operation, input, options) end

--- The same as a task, which runs beside the caller.
---@param operation string
---@param input table?
---@param options awl.CallOptions?
---@return awl.Task
function Client:start(operation, input, options) end

--- The request as it would be sent, signed, and not sent.
---@param operation string
---@param input table?
---@param options awl.CallOptions?
---@return { method: string, url: string, headers: table<string, string>, body: string? }
function Client:prepare(operation, input, options) end

--- A URL that carries its signature, and the headers that whoever uses it must send. A
--- query service's form and the input of Polly go into the URL, whose method is GET; other
--- operations keep theirs, unless `method` says otherwise.
---@param operation string
---@param input table?
---@param options { expires_in: integer?, method: string? }? seconds, up to 604800; default 3600
---@return string url
---@return table<string, string> headers
function Client:presign(operation, input, options) end

--- S3 only: what an HTML form needs to upload an object by POST: the URL and the fields,
--- the file's own field, `file`, comes after them. Key may end in `${filename}`. A field in
--- Fields needs a condition of its own in Conditions, as in boto3.
---@param input { Bucket: string, Key: string, Fields: table<string, string>?, Conditions: table[]?, expires_in: integer? }
---@return { url: string, fields: table<string, string> }
function Client:presign_post(input) end

--- for page in s3:pages("list_objects_v2", { Bucket = "logs" }) do ... end
--- Each page is one call, made when it is asked for; leaving the loop ends the work.
--- Raises PaginationError if the service gives the same token twice.
---@param operation string
---@param input table?
---@param options awl.CallOptions? for each call
---@return awl.Pages, nil, nil, awl.Pages
function Client:pages(operation, input, options) end

---@class awl.Pages
---@operator call: table?
local Pages = {}

--- for object in s3:pages("list_objects_v2", { Bucket = "logs" }):items() do ... end
--- The items of all pages. Without a key those of the list that the model names first.
---@param key string?
---@return awl.Items, nil, nil, awl.Items
function Pages:items(key) end

--- Calls the waiter's operation every few seconds until what it waits for is there, and
--- returns the last output: `ec2:wait("instance_running", { InstanceIds = { id } })`. Raises
--- "WaiterFailed" when that cannot happen any more, "WaiterTimeout" when it took too long.
--- `awl describe SERVICE WAITER` tells how often it asks.
---@param waiter string
---@param input table?
---@param options awl.WaitOptions?
---@return table? output nil if the last answer was an error, the one that was waited for
function Client:wait(waiter, input, options) end

---@class awl.WaitOptions: awl.CallOptions
---@field delay number? seconds between two calls; default: the model's
---@field max_attempts integer? how many calls; default: the model's

--- A copy with other settings, of the same session unless they name another one, a
--- profile or credentials.
---@param changes awl.ClientOptions
---@return awl.Client
function Client:with(changes) end

--- An error of a call; `tostring` gives one line. `kind` tells who says no:
--- "service", "transport" (no answer), "timeout", "canceled", "input" (the script's
--- mistake, nothing was sent), "config" (files, region, credentials), "guard".
---@class awl.Error
---@field kind string
---@field code string AWS's ("NoSuchKey") or ours ("ReadTimeout", "NoCredentials", ...)
---@field message string
---@field service string?
---@field operation string? as AWS spells it
---@field region string?
---@field profile string? if one was named
---@field status integer? of HTTP
---@field alias string? another name that err:is knows it by: NoSuchKey and NoSuchBucket for
--- HEAD requests of S3, whose code is only "404"
---@field request_id string?
---@field attempts integer? how often it was sent
---@field retryable boolean? another attempt might succeed
---@field throttled boolean?
---@field retry_quota_reached boolean? more attempts were allowed, but too many calls fail
---@field unknown_outcome boolean? the request had been sent and must not be sent twice: it
--- may have been carried out
--- Beside these the members that the model gives the error, and QueryErrorCode where the
--- code is that of an older protocol (sqs): the name of the error in today's model.
local Error = {}

--- Whether its code (or alias) is one of these, which may end in `*`.
---@param ... string
---@return boolean
function Error:is(...) end
