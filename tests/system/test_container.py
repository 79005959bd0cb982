"""The container: what it is made of is there, it may write nowhere but in /data, and its Caddy says what the other one says.

No base image reaches a machine without a registry; `deploy/Containerfile` says how it is built.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from jack.core.config import read
from tests.system.conftest import ROOT, needed

DEPLOY = ROOT / "deploy"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")


def service(name: str) -> dict[str, Any]:
    text = (DEPLOY / "compose.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["services"][name])


def test_what_is_copied_into_the_image_is_there_and_nothing_of_a_hotel() -> None:
    copied = re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", CONTAINERFILE)
    names = {name for words in copied for name in words.split()}
    assert {"jack", "deploy", "bin", "schema.sql", "wsgi.py"} <= names
    assert not {".", "instance", ".env"} & names
    assert [name for name in names if not (ROOT / name).exists()] == []
    # The installed packages are those of requirements.txt, and checked.
    assert "--require-hashes -r requirements.txt" in CONTAINERFILE


def test_the_image_runs_as_a_user_of_its_own_with_settings_that_jack_takes() -> None:
    final = CONTAINERFILE.rpartition("FROM ")[2]
    assert re.search(r"(?m)^USER jack$", final)
    given = dict(re.findall(r"(JACK_\w+|PORT)=(\S+)", final))
    config = read(given)
    assert (str(config.instance), config.host, config.port) == ("/data", "0.0.0.0", 8000)  # noqa: S104 (in a container)
    assert "/readyz" in final


def test_nothing_in_compose_may_write_outside_its_volumes() -> None:
    for name in ("jack", "caddy"):
        made = service(name)
        assert made["read_only"] is True
        assert made["cap_drop"] == ["ALL"]
        assert made["security_opt"] == ["no-new-privileges:true"]
    assert service("jack")["environment"]["JACK_TRUSTED_PROXIES"] == "1"
    assert "ports" not in service("jack")


def snippet(name: str) -> str:
    found = re.search(r"(?ms)^\{.*?^\(jack\).*?^\}\n", (DEPLOY / name).read_text(encoding="utf-8"))
    assert found is not None
    return found[0]


def test_caddy_says_the_same_in_a_container(tmp_path: Path) -> None:
    own = snippet("compose.Caddyfile")
    assert own.replace("jack:8000", "unix//run/jack/jack.sock") == snippet("Caddyfile")
    said = subprocess.run(
        [needed("caddy", "sudo apt install caddy"), "adapt", "--adapter", "caddyfile", "--config", str(DEPLOY / "compose.Caddyfile")],
        env=os.environ | {"JACK_SITE": "jack.example.com", "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert '"host":["jack.example.com"]' in said.stdout
    assert '"dial":"jack:8000"' in said.stdout
