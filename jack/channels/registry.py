"""All channels by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.channels import email, sms, web, whatsapp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.channels.protocol import Channel

CHANNELS: Mapping[str, Channel] = {"whatsapp": whatsapp, "sms": sms, "email": email, "web": web}
