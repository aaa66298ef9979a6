---@meta
-- What a file run by `awl test` finds as globals. Each file has globals of its own; `assert`
-- is luassert's, and so are `spy`, `stub`, `mock` and `match`.

--- A group of tests. Its name goes before theirs.
---@param name string
---@param fn fun()
function describe(name, fn) end

--- A test; its name is a sentence about behaviour. It runs in a task, so it may wait. It
--- fails if it raises, or leaves a task or an open handle behind.
---@param name string
---@param fn fun(t: awl.Test)?
function it(name, fn) end

--- A test that is still to be written.
---@param name string
function pending(name) end

--- Before each test of the group and of those in it.
---@param fn fun(t: awl.Test)
function before_each(fn) end

--- After each of them, also when it failed.
---@param fn fun(t: awl.Test)
function after_each(fn) end

---@class awl.Test
---@field name string
---@field clock awl.TestClock from the first use of this field to the end of the test, time passes only by what tasks wait for, and at once
local Test = {}

--- Ends the test as skipped.
---@param reason string
function Test:skip(reason) end

--- Calls fn after the test and its after_each, whatever became of it; the last one given
--- first.
---@param fn fun()
function Test:finally(fn) end

--- What a fake service answers a request with; awl/test/fake_service.lua has the words.
---@class awl.FakeAnswer
---@field output table? what the operation gives
---@field code string? of an error of the service
---@field message string?
---@field members table? of that error
---@field status integer?
---@field headers table<string, string|string[]>?
---@field body string? as it is
---@field close boolean? no answer, the connection is closed
---@field reset boolean? likewise, at once
---@field cut boolean? the connection ends after `body`
---@field hold boolean? no answer ever
---@field delay number? seconds of the test's clock

--- An AWS service on loopback for this test: `fake:client("s3")` talks to it,
--- `fake.requests` counts, `fake.seen[i]` is what came. The test's clock is a fake one.
---@param script (awl.FakeAnswer|fun(request: awl.FakeRequest, exchange: awl.Exchange): awl.FakeAnswer?)[]|fun(request: awl.FakeRequest, exchange: awl.Exchange): awl.FakeAnswer?
---@return awl.FakeService
function Test:fake_service(script) end

---@class awl.TestClock
local Clock = {}

--- The pauses, in seconds, that passed because every task was waiting.
---@return number[]
function Clock:slept() end

--- Lets time pass.
---@param seconds number
function Clock:advance(seconds) end

--- Seconds since 1970; the clock starts at 2026-01-01.
---@return number
function Clock:now() end
