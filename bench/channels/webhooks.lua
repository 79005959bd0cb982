-- Signed webhooks, each a different one, in turn. Arguments: the file (one a line: signature, tab, body), how many threads.
-- Thread n takes every n-th line. Prints its figures as bench/call.lua does, and how many were left over.

local count, requests, turn = 0, {}, 0

function setup(thread)
  thread:set("number", count)
  count = count + 1
end

function init(args)
  local threads, line = tonumber(args[2]), 0
  for text in io.lines(args[1]) do
    if line % threads == number then
      local signature, body = text:match("^(%S+)\t(.*)$")
      local headers = { ["Content-Type"] = "application/json", ["X-Hub-Signature-256"] = signature }
      requests[#requests + 1] = wrk.format("POST", "/webhooks/whatsapp", headers, body)
    end
    line = line + 1
  end
end

-- Those that are used up begin anew: then Jack has had them before, which the figures are not about.
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
