--- The role that STS gives for a token of another identity provider, which stands in a
--- file: in a Kubernetes pod, in a CI job. The file is read anew each time.
local fs = require "awl.fs"
local sts = require "awl.credentials.sts"

---@type awl.CredentialProvider
local web_identity = { waits = true, of_profile = true }

--- A setting of the environment, unless the profile was named; else of the profile.
local function setting(context, variable, key)
  local value = not context.profile_given and os.getenv(variable)
  if value and value ~= "" then return value end
  return context.settings[key]
end

local function read_token(path)
  local ok, text = pcall(fs.read_file, path)
  if not ok then error("cannot read the web identity token: " .. tostring(text.message or text), 0) end
  return (text:gsub("%s+$", ""))
end

function web_identity.find(context)
  local path = setting(context, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file")
  if not path then
    return nil, context.profile_given
      and ("profile '%s' has no web_identity_token_file"):format(context.profile)
      or "AWS_WEB_IDENTITY_TOKEN_FILE is not set"
  end
  local arguments = {
    RoleArn = setting(context, "AWS_ROLE_ARN", "role_arn"),
    RoleSessionName = setting(context, "AWS_ROLE_SESSION_NAME", "role_session_name"),
  }
  if not arguments.RoleArn then
    error("there is a web identity token file, but no AWS_ROLE_ARN and no role_arn in profile '"
      .. context.profile .. "'", 0)
  end
  local function ask(client)
    return client:assume_role_with_web_identity {
      RoleArn = arguments.RoleArn,
      RoleSessionName = arguments.RoleSessionName or sts.default_session_name(),
      WebIdentityToken = read_token(path),
    }
  end
  local credentials = sts.through_cache(arguments, "web identity", context.refused, ask,
    function() return sts.client(context.session, false) end)
  credentials.features = path == context.settings.web_identity_token_file and "q,k" or "h,k"
  return credentials
end

return web_identity
