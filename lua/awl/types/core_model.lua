---@meta awl.core.model

--- What the models say, for awl's own modules. Shapes are known by their place: shapes()
--- names them in that order, and operations and members refer to it. A field that is
--- false or unknown is absent.
---@class awl.core.model_module
local module = {}

--- By its name or an alias; raises for an unknown service.
---@param service string
---@param api_version string? default: the newest
---@return awl.core.Model
function module.open(service, api_version) end

---@class awl.core.Model
local Model = {}

---@class awl.core.model.Service
---@field name string "s3"
---@field full_name string "Amazon Simple Storage Service"
---@field service_id string
---@field api_version string
---@field endpoint_prefix string
---@field signing_name string
---@field signature_version string?
---@field auth string? "aws.auth#sigv4,..."
---@field protocol "json"|"rest-json"|"rest-xml"|"smithy-rpc-v2-cbor"|"query"|"ec2" what awl speaks
---@field protocols string[]
---@field target_prefix string?
---@field json_version string?
---@field xml_namespace string?
---@field query_compatible true?

---@return awl.core.model.Service
function Model:service() end

---@class awl.core.model.Paginator
---@field operation string
---@field input_tokens string[]
---@field output_tokens string[] JMESPath, as are the next two
---@field result_keys string[] empty if the model does not say
---@field non_aggregate_keys string[]
---@field limit_key string?
---@field more_results string?

---@class awl.core.model.Operation
---@field name string "ListBuckets"
---@field method_name string "list_buckets"
---@field http_method string
---@field request_uri string
---@field response_code integer
---@field host_prefix string?
---@field auth string? where it differs from the service's
---@field input integer? place of a shape
---@field output integer?
---@field errors integer[]
---@field paginator awl.core.model.Paginator?
---@field repeatable boolean sending it twice does no harm (call/repeatable.h)
---@field readonly true? the model says so
---@field idempotent true? the model says so
---@field idempotency_token true? the input has one
---@field deprecated true?
---@field no_auth true?
---@field unsigned_payload true?
---@field checksum_required true?
---@field checksum_member string? names the input's algorithm
---@field checksum_mode_member string?
---@field response_checksums string? "CRC32,SHA256"
---@field compress_gzip true?
---@field endpoint_discovery true?
---@field endpoint_discovery_required true?
---@field streaming_input true?
---@field streaming_output true?
---@field event_stream_input true?
---@field event_stream_output true?

--- By AWS's spelling or in snake_case; nil if there is none.
---@param name string
---@return awl.core.model.Operation?
function Model:operation(name) end

--- Sorted by name.
---@return awl.core.model.Operation[]
function Model:operations() end

---@class awl.core.model.Waiter
---@field name string "BucketExists"
---@field method_name string "bucket_exists"
---@field operation string
---@field delay integer seconds
---@field max_attempts integer
---@field acceptors { matcher: string, state: string, argument: string?, expected: any }[]

---@return awl.core.model.Waiter[]
function Model:waiters() end

---@return string[]
function Model:shapes() end

---@class awl.core.model.Member
---@field name string
---@field shape integer place
---@field location_name string? its name on the wire, where the model gives one
---@field location "uri"|"querystring"|"header"|"headers"|"statusCode"|nil the body
---@field required true?
---@field idempotency_token true?
---@field streaming true?
---@field sensitive true?
---@field flattened true?
---@field xml_attribute true?
---@field json_value true?
---@field host_label true?
---@field event_payload true?
---@field event_header true?
---@field timestamp_format "iso8601"|"rfc822"|"unixTimestamp"|nil
---@field context_param string? the parameter of the endpoint rules that it sets

---@class awl.core.model.Shape
---@field name string
---@field type "structure"|"list"|"map"|"string"|"blob"|"boolean"|"byte"|"short"|"integer"|"long"|"float"|"double"|"timestamp"|"document"
---@field members awl.core.model.Member[]? of a structure, as the model declares them; of a list its element, of a map key and value
---@field payload string? the member that is the body
---@field enum string[]?
---@field min number? of a value, or of its length
---@field max number?
---@field pattern string?
---@field error_code string?
---@field http_status integer?
---@field union true?
---@field exception true?
---@field fault true?
---@field event_stream true?
---@field event true?
---@field streaming true?
---@field requires_length true?
---@field flattened true?
---@field sparse true?
---@field sensitive true?
---@field retryable true?
---@field throttling true?
---@field sender_fault true?
---@field json_value true?
---@field timestamp_format string?

---@param place integer
---@return awl.core.model.Shape
function Model:shape(place) end

return module
