"""Which foreign host a picture comes from, for the content security policy."""

from urllib.parse import urlsplit


def origin_of(address: str) -> list[str]:
    """`["https://host:port"]` of an absolute address, nothing for a path on this host.

    Raises ValueError for any other scheme and for characters that would end the directive and start another one.
    """
    if not address or (address.startswith("/") and not address.startswith("//")):
        return []
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or any(each in parts.netloc for each in ";,@ \t*"):
        raise ValueError(f"neither an http(s) address nor a path that begins with one slash: {address!r}")
    return [f"{parts.scheme}://{parts.netloc}"]
