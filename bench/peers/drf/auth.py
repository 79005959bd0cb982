"""How the Django peer knows who calls."""

import os
from typing import Any

import jwt
from drf.models import Session, Staff
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

SECRET = os.environ["BENCH_SECRET"]


class TokenAuthentication(BaseAuthentication):
    """A bearer token, and the session row behind it."""

    def authenticate(self, request: Request) -> tuple[Staff, dict[str, Any]] | None:
        """Who calls."""
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            claims = jwt.decode(token, SECRET, algorithms=["HS256"])
            session = Session.objects.select_related("staff").get(
                jti=claims["jti"], revoked_at__isnull=True, staff__active=True
            )
        except (jwt.InvalidTokenError, Session.DoesNotExist) as error:
            raise AuthenticationFailed from error
        return session.staff, claims

    def authenticate_header(self, _request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"
