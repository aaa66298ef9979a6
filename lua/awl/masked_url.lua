--- A URL for people: without the name and the password in it, however odd it is.
---@param url string
---@return string
return function(url)
  local rest = url:match ".*@(.*)$"
  return rest and (url:match "^%a[%w+.-]*://" or "") .. "***@" .. rest or url
end
