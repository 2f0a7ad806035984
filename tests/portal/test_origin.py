"""The one foreign host pictures may come from."""

import pytest

from core.origin import origin_of


@pytest.mark.parametrize(
    ("logo", "allowed"),
    [
        ("", []),
        ("/static/portal/icon.svg", []),
        ("https://bilder.example/logo.svg", ["https://bilder.example"]),
        ("https://bilder.example:8443/a/b.png?x=1", ["https://bilder.example:8443"]),
    ],
)
def test_only_the_origin_of_the_logo_is_allowed(logo, allowed):
    assert origin_of(logo) == allowed


@pytest.mark.parametrize(
    "logo", ["//host.example/x.svg", "data:image/png,x", "logo.svg", "https://*/x", "https://a.example;script-src/x"]
)
def test_what_would_open_more_than_one_origin_is_refused(logo):
    with pytest.raises(ValueError, match="neither"):
        origin_of(logo)
