---@meta awl.log

--- One line an event, on standard error:
---
---     2026-01-31T12:00:00.123Z ERROR failed item=config_7 error="the reason"
---
--- Fields are sorted; those of the task's context (item, account, region, and what its
--- table `log` holds) come along. Control characters are escaped, so that an event stays
--- one line. The value of a field whose name speaks of a secret (password, token, secret,
--- authorization, credential, api key, private key) is replaced by [redacted], also
--- inside tables.
---
--- Shown from info on; --log, --debug and AWL_LOG change that.
---@class awl.log
local log = {}

---@param message any
---@param fields table<string, any>?
function log.debug(message, fields) end

---@param message any
---@param fields table<string, any>?
function log.info(message, fields) end

---@param message any
---@param fields table<string, any>?
function log.warn(message, fields) end

---@param message any
---@param fields table<string, any>?
function log.error(message, fields) end

---@alias awl.log.Level "debug"|"info"|"warn"|"error"|"off"

--- The level from which on events are shown; with an argument it is changed, for awl's
--- own log too.
---@param level awl.log.Level?
---@return awl.log.Level before
function log.level(level) end

return log
