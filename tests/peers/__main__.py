"""`python -m tests.peers`: the same as `python -m jack.demo.simulators`."""

import runpy

if __name__ == "__main__":
    runpy.run_module("jack.demo.simulators", run_name="__main__", alter_sys=True)
