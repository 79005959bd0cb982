"""What the e-mail channel speaks: SMTP out, IMAP in, and mail as it is really written."""
