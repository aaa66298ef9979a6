--- The region of clients that nobody gave one.

-- Services that have one endpoint for all regions, as botocore's endpoints.json has them:
-- `aws-global` is the name under which the endpoint rules know it.
local GLOBAL = {}
for _, service in ipairs {
  "account", "billingconductor", "budgets", "ce", "chime", "cloudfront", "codecatalyst",
  "health", "iam", "importexport", "networkmanager", "notificationscontacts", "organizations",
  "route53", "savingsplans", "shield", "sts", "support", "taxsettings", "waf",
} do GLOBAL[service] = "aws-global" end

--- The region that botocore signs for; nil where one must be named. The global services need
--- one too behind a URL of the user's own. S3 tells where a bucket is, whichever region is
--- asked.
---@param service string
---@param endpoint_url string?
---@return string?
return function(service, endpoint_url)
  if service == "s3" then return "us-east-1" end
  return not endpoint_url and GLOBAL[service] or nil
end
