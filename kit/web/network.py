"""Where a request comes from, for throttling and the list of signed-in browsers. Proxies are uvicorn's business to trust."""

import ipaddress

from kit.web.pages import AnyRequest


def network_address(request: AnyRequest) -> str:
    """The caller's network: an IPv4 address as its /24, an IPv6 one as its /64, for one household has many addresses."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    prefix = 24 if address.version == 4 else 64
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))
