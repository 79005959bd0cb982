-- One call under load. Arguments: method, bearer token, body, then the paths, taken in turn.
-- Prints its figures as one line of JSON behind the word RESULT.

local requests, turn = {}, 0

function init(args)
  local headers = { ["Authorization"] = "Bearer " .. args[2] }
  local body = nil
  if args[3] ~= "" then
    body = args[3]
    headers["Content-Type"] = "application/json"
  end
  for i = 4, #args do
    requests[#requests + 1] = wrk.format(args[1], args[i], headers, body)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %.6f, "p50": %.3f, "p99": %.3f, "max": %.3f, '
      .. '"refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
