"""The e-mail channel: SMTP out, IMAP in, and the parsing of mail as real programs write it."""
