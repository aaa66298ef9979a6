--- A client's option `proxy`: a URL, false for none, or a table.
local FIELDS = { url = "string", no_proxy = "string", ca_bundle = "string" }

--- The option as a table with the fields above.
local function read(proxy)
  if proxy == nil then return {} end
  if proxy == false then return { url = "" } end
  if type(proxy) == "string" then return { url = proxy } end
  if type(proxy) ~= "table" then
    error("client option 'proxy' must be a URL, false or a table, got " .. type(proxy), 0)
  end
  return proxy
end

--- Adds to `options` what the C side wants to know. Without the option that is the
--- environment's business.
---@param options table
---@param given table the client's options as the script gave them
return function(options, given)
  local proxy = {}
  if options.proxy_use_forwarding_for_https then
    error("proxy_use_forwarding_for_https is not supported: requests to https go through a proxy " ..
      "in a tunnel, which it cannot look into", 0)
  end
  for name, value in pairs(read(given.proxy)) do
    if not FIELDS[name] then
      error(("unknown field '%s' of 'proxy'; there are ca_bundle, no_proxy and url")
        :format(tostring(name)), 0)
    end
    if name == "no_proxy" and type(value) == "table" then value = table.concat(value, ",") end
    if type(value) ~= FIELDS[name] then
      error(("proxy.%s must be a %s, got %s"):format(name, FIELDS[name], type(value)), 0)
    end
    proxy[name] = value
  end
  options.proxy, options.no_proxy = proxy.url, proxy.no_proxy
  options.proxy_ca_bundle = proxy.ca_bundle or options.proxy_ca_bundle
end
