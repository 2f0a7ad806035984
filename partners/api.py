"""API tokens: hashed at rest, several a person, revocable. Made in a browser session only.

Only a session has passed the second factor, so no token can beget tokens, and no password alone can make one.
"""

from datetime import timedelta
from typing import Any, cast

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import generics, serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import Pages
from partners.actions import create_token, revoke_token
from partners.models import User
from partners.queries import tokens_of

LONGEST = 730


class TokensPages(Pages):
    ordering = "-created"


class TokenSerializer(serializers.ModelSerializer[AuthToken]):
    """A token as its owner sees it later: only the beginning, which suffices to tell it from the others."""

    key = serializers.CharField(source="token_key", read_only=True)

    class Meta:
        model = AuthToken
        fields = ["key", "created", "expiry"]
        read_only_fields = fields


class NewToken(serializers.Serializer[Any]):
    days = serializers.IntegerField(min_value=1, max_value=LONGEST, default=365, help_text="How long it is valid.")


class IssuedToken(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Shown once. Send it as `Authorization: Token …`.")
    key = serializers.CharField()
    expiry = serializers.DateTimeField()


class Tokens(generics.ListAPIView[AuthToken]):
    """The own tokens, newest first."""

    authentication_classes = [SessionAuthentication]
    serializer_class = TokenSerializer
    pagination_class = TokensPages

    def get_queryset(self) -> QuerySet[Any]:
        return tokens_of(self.request.user)

    @extend_schema(request=NewToken, responses={201: IssuedToken})
    def post(self, request: Request) -> Response:
        """Makes a token for the person signed in; the answer is the only place where it can be read."""
        wanted = NewToken(data=request.data)
        wanted.is_valid(raise_exception=True)
        issued, secret = create_token(
            by=cast(User, request.user), lifetime=timedelta(days=wanted.validated_data["days"])
        )
        answer = IssuedToken({"token": secret, "key": issued.token_key, "expiry": issued.expiry})
        return Response(answer.data, status=status.HTTP_201_CREATED)


class OneToken(generics.DestroyAPIView[AuthToken]):
    """Revokes one of the own tokens; whoever uses it is refused from now on."""

    authentication_classes = [SessionAuthentication]
    serializer_class = TokenSerializer
    lookup_field = "token_key"
    lookup_url_kwarg = "key"

    def get_queryset(self) -> QuerySet[Any]:
        return tokens_of(self.request.user)

    def perform_destroy(self, instance: AuthToken) -> None:
        revoke_token(instance, by=cast(User, self.request.user))


urlpatterns = [
    path("tokens/", Tokens.as_view(), name="tokens"),
    path("tokens/<str:key>/", OneToken.as_view(), name="token"),
]
