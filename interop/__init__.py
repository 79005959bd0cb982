"""Proof by foreign tools: clients generated from the API's description at work on a running Jack, and linters."""
