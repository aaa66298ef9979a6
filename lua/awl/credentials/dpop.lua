--- The proof that a request comes from who has the key of a session: RFC 9449, a JSON web
--- token in the header DPoP.
local base64 = require "awl.base64"
local crypto = require "awl.core.crypto"
local json = require "awl.json"
local time = require "awl.time"

---@param pem string the private key
---@param method string
---@param url string
---@return string
return function(pem, method, url)
  local x, y = crypto.es256_point(pem)
  local header = json.encode {
    typ = "dpop+jwt", alg = "ES256",
    jwk = { kty = "EC", crv = "P-256", x = base64.encode_url(x), y = base64.encode_url(y) },
  }
  local claims = json.encode {
    htm = method, htu = url, iat = math.floor(time.now()), jti = crypto.uuid(),
  }
  local text = base64.encode_url(header) .. "." .. base64.encode_url(claims)
  return text .. "." .. base64.encode_url(crypto.es256_sign(pem, text))
end
