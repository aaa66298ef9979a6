---@meta awl.core.models

--- Which services there are, and packs made from botocore's data. The models are those of
--- the file AWL_MODELS names, else those `awl models update` has left in
--- ${XDG_DATA_HOME:-~/.local/share}/awl/, else awl's own. Folders in botocore's layout
--- (SERVICE/VERSION/service-2.json), listed in AWS_DATA_PATH or ~/.aws/models, add services
--- or replace them: the newest API version is taken, and of one version each file from the
--- first folder that has it. build, update and reset block.
local models = {}

--- The names of all services, sorted.
---@return string[]
function models.services() end

---@class awl.ServiceInfo
---@field name string
---@field service_id string
---@field full_name string
---@field api_version string that is used
---@field api_versions string[] that there are, sorted
---@field protocol string
---@field folder string? that it comes from

--- nil and a message if a folder's model cannot be understood.
---@param name string
---@return awl.ServiceInfo?, string?
function models.service(name) end

--- The version of the data in the pack in use, and its file or "embedded".
---@return string version, string origin
function models.pack() end

--- Makes a pack. The same data gives the same bytes.
---@param dir string a botocore data directory, checkout or installation
---@param file string
---@param all_versions boolean? every API version, not the newest alone
---@return string file, string version, integer services, string[] left_out
function models.build(dir, file, all_versions) end

--- Makes the packs that later runs use: all API versions, and the documentation.
---@param dir string
---@return string file, string version, integer services, string[] left_out
function models.update(dir) end

--- Removes them.
---@return string[] files
function models.reset() end

return models
