--- Refuses requests that nobody the emulator knows has signed, in AWS's words.
local core = require "awl.core.server"
local fault = require "awl.emulator.fault"

local MISMATCH = "The request signature we calculated does not match the signature you "
  .. "provided. Check your AWS Secret Access Key and signing method."

-- By verdict: code, message and status, S3's, the query services' and those of the rest.
local S3 = {
  missing = { "AccessDenied", "Access Denied", 403 },
  malformed = { "AuthorizationHeaderMalformed", "The authorization header is malformed.", 400 },
  unknown = { "InvalidAccessKeyId",
    "The AWS Access Key Id you provided does not exist in our records.", 403 },
  skewed = { "RequestTimeTooSkewed",
    "The difference between the request time and the current time is too large.", 403 },
  expired = { "AccessDenied", "Request has expired", 403 },
  mismatch = { "SignatureDoesNotMatch", MISMATCH, 403 },
  ["bad body"] = { "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.", 400 },
}

local QUERY = {
  missing = { "MissingAuthenticationToken", "Request is missing Authentication Token", 403 },
  malformed = { "IncompleteSignature", "The request signature is incomplete.", 400 },
  unknown = { "InvalidClientTokenId",
    "The security token included in the request is invalid.", 403 },
  skewed = { "SignatureDoesNotMatch", "Signature expired or not yet current.", 403 },
  expired = { "SignatureDoesNotMatch", "Signature expired.", 403 },
  mismatch = { "SignatureDoesNotMatch", MISMATCH, 403 },
  ["bad body"] = { "SignatureDoesNotMatch", MISMATCH, 403 },
}

local JSON = {
  missing = { "MissingAuthenticationTokenException", "Missing Authentication Token", 403 },
  malformed = { "IncompleteSignatureException", "The request signature is incomplete.", 403 },
  unknown = { "UnrecognizedClientException",
    "The security token included in the request is invalid.", 403 },
  skewed = { "InvalidSignatureException", "Signature expired or not yet current.", 403 },
  expired = { "InvalidSignatureException", "Signature expired.", 403 },
  mismatch = { "InvalidSignatureException", MISMATCH, 403 },
  ["bad body"] = { "InvalidSignatureException", MISMATCH, 403 },
}

local BY_PROTOCOL = { ["rest-xml"] = S3, query = QUERY, ec2 = QUERY }

---@param exchange awl.Exchange
---@param protocol string
---@param keys table<string, string> secrets by access key
return function(exchange, protocol, keys)
  local verdict, reason = core.verify(exchange, keys)
  if verdict == "valid" then return end
  local code, message, status = table.unpack((BY_PROTOCOL[protocol] or JSON)[verdict])
  fault(code, reason and ("%s (%s)"):format(message, reason) or message, status)
end
