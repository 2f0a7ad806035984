"""Answers a load balancer: 200 while database and broker answer, 503 naming what does not."""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from redis.exceptions import RedisError


@never_cache
def health(request: HttpRequest) -> JsonResponse:
    failing = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        failing.append("database")
    try:
        cache.get("health")
    except RedisError:
        failing.append("broker")
    return JsonResponse({"failing": failing}, status=503 if failing else 200)
