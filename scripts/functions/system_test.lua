-- The Lambda function of system_test.lua, for `awl --local`: works 1 to 10 s and fails 15 %
-- of the time. The same configuration and --local-seed always end the same way.
local FAILURES = {
  { errorType = "AssertionError", errorMessage = "expected 3 replicas, found 2" },
  { errorType = "TimeoutError", errorMessage = "the queue was not empty after 5 s" },
  { errorType = "ConnectionError", errorMessage = "the database refused the connection" },
}

return function(event, context)
  local id = event.configuration_identifier
  print(("[INFO] loading configuration %s"):format(id))
  local seconds = 1 + 9 * context.random()
  print(("[INFO] testing for %.1f s"):format(seconds))
  context.sleep(seconds)

  if context.random() < 0.15 then
    print(("[WARNING] step %d of 5 failed, trying again"):format(context.random(5)))
    error(FAILURES[context.random(#FAILURES)])
  end
  print "[INFO] all steps done"
  return { system_test_successful = true, configuration_identifier = id }
end
