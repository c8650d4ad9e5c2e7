"""How the dashboard learns from a proxy who somebody is."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any, Final

from qc.model.errors import InputError


@dataclass(frozen=True, slots=True)
class Login:
    """The header in which an authenticating proxy names the person, and the addresses that proxies call from."""

    header: str = ""
    proxies: tuple[str, ...] = ()

    @staticmethod
    def from_table(table: Any) -> Login:
        """The table `[login]` of qc.toml; InputError where it could let somebody in by mistake."""
        if not isinstance(table, dict) or set(table) - {"header", "proxies"}:
            raise InputError("[login] in qc.toml holds header and proxies and nothing else; see docs/access.md.")
        header, proxies = table.get("header", ""), table.get("proxies", [])
        if not isinstance(header, str) or not re.fullmatch(r"[A-Za-z0-9-]*", header):
            raise InputError(f"The login header {header!r} in qc.toml is no header's name, such as X-Forwarded-Email.")
        if not isinstance(proxies, list) or bool(proxies) != bool(header):
            raise InputError("[login] in qc.toml needs both: the header, and in proxies the addresses that may set it.")
        for proxy in proxies:
            try:
                ipaddress.ip_network(proxy)
            except (ValueError, TypeError):
                raise InputError(f"{proxy!r} in [login] of qc.toml is no address or network, as 10.0.0.7 is.") from None
        return Login(header, tuple(proxies))

    def trusts(self, address: str | None) -> bool:
        """Whether a proxy calls from this address."""
        try:
            peer = ipaddress.ip_address(address or "")
        except ValueError:
            return False
        return any(peer in ipaddress.ip_network(proxy) for proxy in self.proxies)


NO_LOGIN: Final = Login()
