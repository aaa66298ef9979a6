---@meta awl.body

--- The streaming body of an answer (`s3:get_object(...).Body`). It is read as it comes:
--- while nobody reads, about 128 KiB wait at most and the socket is stopped. Reads suspend
--- their task. A body that ends early raises ("IncompleteBody"), one that is seen to be longer than
--- was announced ("BodyTooLong"), and one that is closed ("BodyClosed"). One that has not the
--- checksum that S3 says it has ("ChecksumMismatch") raises at its end. One task reads at a time;
--- closing the body wakes it. What is neither read to its end nor closed keeps its connection
--- until it is collected: `local body <close> = output.Body` is the safe way.
---@class awl.Body
local Body = {}

--- All that is left, "" at the end; with a size that many bytes, fewer only at the end,
--- then nil.
---@param size integer?
---@return string?
function Body:read(size) end

--- for chunk in body:chunks() do: pieces as they come. Leaving the loop closes the body.
---@return fun(): string?, nil, nil, any
function Body:chunks() end

--- for line in body:lines() do: without the line's end.
---@return fun(): string?, nil, nil, any
function Body:lines() end

--- Writes what is left to a file without passing it through Lua, and closes the body.
--- The file has its name only when it is whole: a failure or a cancellation leaves what
--- was there, and closes the body if bytes of it have been taken: the rest is not the whole.
---@param path string
---@return integer bytes
function Body:save(path) end

--- Closes the connection if there is more to come. Any number of times.
function Body:close() end

--- What a streaming member of an input may be: a string; an awl.File or another object
--- with read(size) and, if it can go back, seek(whence, offset), which makes it
--- repeatable; or a function that gives the next piece, nil at the end. The source is read
--- in a task of its own, only as fast as the connection takes it, and may wait. Where the
--- service must know the length (S3), a function wants ContentLength. S3 gets a checksum
--- behind it; where the hash of the body belongs into the signature it must be a string or
--- able to go back, and is read twice. What the source
--- raises is the call's error; too much or too little of it is "UploadError".
---@alias awl.Upload string|awl.File|fun(): string?
