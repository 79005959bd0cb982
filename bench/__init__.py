"""What Jack's speed claims rest on: `make bench` measures, and writes RESULTS.md."""
