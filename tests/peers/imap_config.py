"""What Dovecot is told: its configuration as 2.3 wants it, and as 2.4 does, which renamed most of it."""

from __future__ import annotations

OF_BOTH = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
listen = 127.0.0.1
auth_mechanisms = plain login
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
namespace inbox {{
  inbox = yes
}}
"""

OF_2_3 = """
protocols = imap
disable_plaintext_auth = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
mail_location = maildir:~/Maildir
"""

# The two versions have to come first.
OF_2_4 = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
protocols {{
  imap = yes
}}
auth_allow_cleartext = yes
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {user}
    gid = {group}
    home = {folder}/mail/%{{user}}
  }}
}}
mail_driver = maildir
mail_path = ~/Maildir
"""

TEXTS = {"2.3": OF_2_3, "2.4": OF_2_4}
ENCRYPTION = {
    "2.3": "ssl = yes\nssl_cert = <{cert}\nssl_key = <{key}\n",
    "2.4": "ssl = yes\nssl_server_cert_file = {cert}\nssl_server_key_file = {key}\n",
}


def config(version: str, encrypted_by: tuple[str, str] | None, **values: object) -> str:
    """The whole file for a version (`2.3` or `2.4`). `encrypted_by` is the files of a certificate and its key."""
    text = (TEXTS[version] + OF_BOTH).format(**values)
    if encrypted_by is None:
        return f"{text}ssl = no\n"
    cert, key = encrypted_by
    return text + ENCRYPTION[version].format(cert=cert, key=key)
