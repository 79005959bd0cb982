"""Which addresses belong to the public internet."""

from __future__ import annotations

import ipaddress

NAT64 = ipaddress.ip_network("64:ff9b::/96")
# IPv4 addresses in forms that only a network's own routers understand: where they lead is not known.
NOT_ROUTED = tuple(map(ipaddress.ip_network, ("::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48")))


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet, and so does any IPv4 address it stands for."""
    one = ipaddress.ip_address(address.partition("%")[0])
    if any(one in network for network in NOT_ROUTED):
        return False
    inside: list[ipaddress.IPv4Address | None] = []
    if isinstance(one, ipaddress.IPv6Address):
        inside = [one.ipv4_mapped, one.sixtofour, *(one.teredo or ())]
        if one in NAT64:
            inside.append(ipaddress.IPv4Address(int(one) & 0xFFFFFFFF))
    return all(each.is_global and not each.is_multicast for each in [one, *filter(None, inside)])
