---@meta awl.event_stream

--- The event stream of an answer, `s3:select_object_content(...).Payload`: called, it gives
--- the next event, a table of one entry (`{ Records = { Payload = ... } }`), nil after the
--- last. Events are read as they come: while nobody asks for one the socket is stopped.
--- Waiting suspends the task; one task may read. A stream has no time limit but that of
--- silence (`read_timeout`), unless the call has a `timeout`.
---
--- An exception within the stream is raised as the service's error, with its code, message
--- and modelled members; a stream that breaks off raises too ("IncompleteBody"). Events that
--- the model does not have are passed over.
---
--- A stream that is neither read to its end nor closed keeps its connection until it is
--- collected, and as long as something feeds it: `events()`, or
--- `local stream <close> = output.Payload`, is the safe way.
---@class awl.EventStream
---@operator call: table?
local EventStream = {}

--- for event in stream:events() do: leaving the loop closes the stream.
---@return fun(): table?, nil, nil, any
function EventStream:events() end

--- Sends an event, `{ AudioEvent = { AudioChunk = ... } }`, where the operation takes some and
--- its input did not say where they come from. Suspends the task while more than 256 KiB
--- wait to be sent; another task may read meanwhile. While the service waits for the next
--- event, silence has no limit. Raises for an event that is not
--- what the model says, and once the service has ended the stream ("StreamEnded").
---@param event table
function EventStream:send(event) end

--- There are no more events to send. Reading goes on. Any number of times.
function EventStream:finish() end

--- Closes the connection if there is more to come. Any number of times.
function EventStream:close() end

--- What the event stream of an input may be: a list of events; something callable that gives
--- the next event, nil at the end (a function, or a channel that another task sends to); or
--- nothing: then the answer's stream has send() and finish(). The first two are read in a
--- task of their own, while the answer is awaited and read; what they raise is raised
--- by the call, or by the next read. Only a list is sent again by a retry.
---
---     local audio = awl.channel(16)
---     local output = transcribe:start_stream_transcription {
---       LanguageCode = "en-GB", MediaEncoding = "pcm", MediaSampleRateHertz = 8000,
---       AudioStream = audio,
---     }
---     awl.spawn(function()
---       for chunk in function() return file:read(8192) end do
---         audio:send { AudioEvent = { AudioChunk = chunk } }
---       end
---       audio:close()
---     end)
---     for event in output.TranscriptResultStream:events() do ... end
---
--- With send() the call returns when the answer's head is there: a service that waits for an
--- event before it answers wants a list or something callable. Two-way operations use
--- HTTP/2 over TLS, each on a connection of its own; every event is signed.
---@alias awl.EventSource table[]|fun(): table?|awl.Channel
