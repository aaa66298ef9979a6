--- AWS's shared files: ~/.aws/config and ~/.aws/credentials.
---
--- Read once a process. A missing file is empty; a malformed one is an error that
--- names the file and the line.

---@class awl.Config
---@field profiles table<string, table<string, string|table<string, string>>>
---@field sso_sessions table<string, table>
---@field services table<string, table>
---@field passed_over table<string, boolean>? the sections that are none of these
---@field in_credentials_file table<string, boolean> the profiles that have a key there

local core_fs = require "awl.core.fs"

local private_file = require "awl.private_file"

local config = {}

local function trim(text) return (text:gsub("^%s+", ""):gsub("%s+$", "")) end

local function fail(path, number, what)
  error(("cannot read %s: line %d: %s"):format(path, number, what), 0)
end

-- What may stand in the name of a section or of a setting, unless it is quoted.
local NAME = "^[%w_%-/%.%%@:%+]+$"

--- The kind and name of a section: "profile", "sso-session" or "services" and its
--- name; nil for sections of other tools and names that are none.
local function section_of(header, is_credentials)
  if is_credentials then
    local name = trim(header)
    if name:find(NAME) then return "profile", name end
    return nil
  end
  if trim(header) == "default" then return "profile", "default" end
  local kind, name = header:match "^%s*([%w%-]+)%s+(.-)%s*$"
  if not kind then return nil end
  name = name:match '^"([^"]+)"$' or name:match "^'([^']+)'$" or name:find(NAME) and name
  if name and (kind == "profile" or kind == "sso-session" or kind == "services") then
    return kind, name
  end
  return nil
end

local function strip_comment(value)
  return trim((value:gsub("%s[#;].*$", "")))
end

---@return awl.Config
local function empty()
  return { profiles = {}, sso_sessions = {}, services = {}, passed_over = {} }
end

--- Adds what a file says to `into`.
---@param into awl.Config
---@param text string
---@param path string for messages
---@param is_credentials boolean
function config.parse(into, text, path, is_credentials)
  local tables = {
    profile = into.profiles, ["sso-session"] = into.sso_sessions, services = into.services,
  }
  local section, key, nested, in_any = nil, nil, nil, false
  local default_has_prefix = false
  local number = 0
  for line in (text .. "\n"):gmatch "(.-)\r?\n" do
    number = number + 1
    local is_continuation = line:find "^%s" ~= nil
    local stripped = trim(line)
    if stripped == "" or stripped:find "^[#;]" then
      -- nothing
    elseif stripped:sub(1, 1) == "[" and not is_continuation then
      local header = stripped:match "^%[(.-)%]%s*$" or stripped:match "^%[(.-)%]%s*[#;].*$"
      if not header then fail(path, number, "section without its closing ']'") end
      local kind, name = section_of(header, is_credentials)
      section, key, nested, in_any = nil, nil, nil, true
      if not kind and into.passed_over then into.passed_over[trim(header)] = true end
      -- Of [profile default] and [default] the former counts, wherever it stands.
      local is_default = kind == "profile" and name == "default" and not is_credentials
      local has_prefix = is_default and trim(header) ~= "default"
      if has_prefix and not default_has_prefix then
        default_has_prefix = true
        into.profiles.default = nil
      end
      if kind and (has_prefix or not is_default or not default_has_prefix) then
        section = tables[kind][name] or {}
        tables[kind][name] = section
      end
    elseif is_continuation then
      if not in_any or (section and not key) then
        fail(path, number, "indented line that continues nothing")
      end
      if section and nested then
        local sub_key, value = stripped:match "^([^=]-)%s*=%s*(.*)$"
        if not sub_key or sub_key == "" then
          fail(path, number, "expected 'name = value' in the block of '" .. key .. "'")
        end
        if type(section[key]) ~= "table" then section[key] = {} end
        if sub_key:find(NAME) then section[key][sub_key:lower()] = value end
      elseif section then
        section[key] = section[key] .. "\n" .. stripped
      end
    else
      local name, value = stripped:match "^([^=]-)%s*=%s*(.*)$"
      if not name or name == "" then
        fail(path, number, "expected 'name = value' or '[section]'")
      end
      if not in_any then fail(path, number, "setting before any section") end
      if section then
        key = name:lower()
        section[key] = strip_comment(value)
        nested = section[key] == ""
      end
    end
  end
  return into
end

--- A path with "~", "$NAME" and "${NAME}" replaced, where they stand for something.
---@param path string
---@return string
function config.expand(path)
  if path == "~" or path:sub(1, 2) == "~/" then path = (config.home() or "~") .. path:sub(2) end
  path = path:gsub("%${([%w_]+)}", os.getenv)
  return (path:gsub("%$([%w_]+)", os.getenv))
end

--- The text of a file, nil if there is none.
local function read(path)
  local file, message, code = io.open(path, "r")
  if not file then
    if code == 2 or code == 20 then return nil end -- ENOENT, ENOTDIR
    error("cannot read " .. message, 0)
  end
  local text, why = file:read "a"
  file:close()
  if not text then error("cannot read " .. path .. ": " .. tostring(why), 0) end
  if text:find("aws_secret_access_key", 1, true) then private_file.check(path) end
  return text
end

--- The user's folder: $HOME, else what the system knows.
---@return string?
function config.home()
  local home = os.getenv "HOME"
  if home and home ~= "" then return home end
  return core_fs.home()
end

local function path_of(variable, name)
  local set = os.getenv(variable)
  if set and set ~= "" then return config.expand(set) end
  local home = config.home()
  return home and home .. "/.aws/" .. name or nil
end

function config.config_path() return path_of("AWS_CONFIG_FILE", "config") end

function config.credentials_path()
  return path_of("AWS_SHARED_CREDENTIALS_FILE", "credentials")
end

--- The profiles of the credentials file that have a key there; what it says is merged
--- into the others.
local function add_credentials(into, text, path)
  local own = config.parse(empty(), text, path, true)
  local with_keys = {}
  for name, settings in pairs(own.profiles) do
    with_keys[name] = (settings.aws_access_key_id or settings.aws_secret_access_key) ~= nil
    local profile = into.profiles[name] or {}
    for key, value in pairs(settings) do profile[key] = value end
    into.profiles[name] = profile
  end
  return with_keys
end

local loaded

--- Both files, read once. Where a profile stands in both, the credentials file wins
--- for each setting it has.
---@return awl.Config
function config.load()
  if loaded then return loaded end
  local result = empty()
  local path = config.config_path()
  local text = path and read(path)
  if text then config.parse(result, text, path, false) end
  path = config.credentials_path()
  text = path and read(path)
  result.in_credentials_file = text and add_credentials(result, text, path) or {}
  loaded = result
  return result
end

--- The settings of a profile. The absent default profile is empty; any other that is
--- not there is an error.
---@param name string
function config.profile(name)
  local profile = config.load().profiles[name]
  if profile then return profile end
  if name == "default" then return {} end
  local known = {}
  for other in pairs(config.load().profiles) do known[#known + 1] = other end
  table.sort(known)
  local hint = #known > 0 and "; there are: " .. table.concat(known, ", ") or ""
  local path = config.config_path() or "~/.aws/config"
  if config.load().passed_over[name] then
    hint = ("; the section [%s] of %s must be called [profile %s]"):format(name, path, name)
  end
  error(("profile '%s' is in neither %s nor %s%s"):format(name, path,
    config.credentials_path() or "~/.aws/credentials", hint), 0)
end

return config
