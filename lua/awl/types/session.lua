---@meta awl.session

--- Sessions: a profile, a region and credentials, which their clients share. Credentials
--- are found when the first call needs them, by one task for all who wait.

---@class awl.Credentials
---@field access_key_id string
---@field secret_access_key string
---@field session_token string?
---@field account_id string?
---@field expiration number? epoch seconds

---@class awl.SessionOptions
---@field profile string? default: --profile, AWS_PROFILE, AWS_DEFAULT_PROFILE, "default".
--- One that does not exist is an error. A profile that is named here or by --profile keeps
--- the credentials of the environment out
---@field region string? default: --region, AWS_REGION, AWS_DEFAULT_REGION, the profile's
---@field credentials awl.Credentials|false|nil false: requests are not signed
---@field token string|(fun(): string, number?)|nil a bearer token, for the services that take
--- one (codecatalyst, bedrock); a function gives it when it is needed, with the epoch second
--- of its end

---@class awl.ClientOptions
---@field session awl.Session? default: the one of environment and command line
---@field profile string? makes a session of its own
---@field credentials awl.Credentials|false|nil likewise
---@field region string?
---@field api_version string? default: the profile's `api_versions` block, else the newest
--- there is. awl itself has the newest only; `awl models list` tells which there are
---@field endpoint_url string? default: --endpoint-url, AWS_ENDPOINT_URL_<SERVICE>,
--- AWS_ENDPOINT_URL, the profile's services section, the profile's endpoint_url
---@field ignore_configured_endpoint_urls boolean? none of these but --endpoint-url
---@field ca_bundle string? PEM file
---@field verify_ssl boolean? default true
---@field sign boolean? default true
---@field token string|(fun(): string, number?)|nil a bearer token, as of a session; sent over
--- https and to this machine only. Default: the session's, then AWS_BEARER_TOKEN_<SIGNING NAME>,
--- which alone makes the choice only for bedrock
---@field auth_scheme_preference string|string[]|nil of "sigv4", "sigv4a", "httpBearerAuth",
--- "noAuth", the best first, of what the service offers; default: AWS_AUTH_SCHEME_PREFERENCE,
--- the profile's
---@field sigv4a_signing_region_set string|string[]|nil the regions a SigV4A signature is good
--- for; default: AWS_SIGV4A_SIGNING_REGION_SET, the profile's, what the endpoint says
---@field use_fips_endpoint boolean?
---@field use_dualstack_endpoint boolean?
---@field addressing_style "auto"|"path"|"virtual"|nil S3; "auto" is the path where the
--- endpoint is the user's own
---@field use_accelerate_endpoint boolean? S3
---@field use_arn_region boolean? S3: go to the region of an access point's ARN; default true
---@field disable_multiregion_access_points boolean? S3
---@field s3_disable_express_session_auth boolean? S3 Express: sign each call with the
--- client's own keys
---@field s3_us_east_1_regional_endpoint "regional"|"legacy"|nil
---@field sts_regional_endpoints "regional"|"legacy"|nil
---@field account_id_endpoint_mode "preferred"|"required"|"disabled"|nil DynamoDB
---@field disable_host_prefix_injection boolean?
---@field endpoint_discovery_enabled boolean|"auto"|nil ask the service where it wants its
--- calls; "auto" where it requires that
---@field request_checksum_calculation "when_supported"|"when_required"|nil S3: a checksum
--- of every body that may have one, or only where the operation requires it. Default: the
--- first, but the second for an endpoint of the user's own that is no host of AWS's
---@field response_checksum_validation "when_supported"|"when_required"|nil S3: ask for the
--- checksum of what is downloaded, and compare, always or only with `ChecksumMode`; default
--- as before
---@field disable_request_compression boolean?
---@field request_min_compression_size_bytes integer? default 10240; for operations that
--- take gzip, as cloudwatch's put_metric_data
---@field max_attempts integer? 1 to 1000; default 3
---@field connect_timeout number? seconds; default 60
---@field read_timeout number? seconds; default 60

---@class awl.Session
local Session = {}

--- The same client for the same service each time, as long as there are no options.
---@param service string as boto3 names it
---@param options awl.ClientOptions?
---@return awl.Client
function Session:client(service, options) end
