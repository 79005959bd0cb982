"""The views of the Django peer."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from drf.models import Guest
from drf.serializers import GuestFilters, GuestSerializer, TaskCreate, TaskSerializer
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response


def health(_request: HttpRequest) -> HttpResponse:
    """Say that it is up."""
    return HttpResponse("ok")


class GuestList(generics.ListAPIView):
    """List guests"""

    serializer_class = GuestSerializer

    def get_queryset(self) -> QuerySet[Guest]:
        """The guests that were asked for."""
        filters = GuestFilters(data=self.request.query_params.dict())
        filters.is_valid(raise_exception=True)
        found = Guest.objects.prefetch_related("tags")
        if search := filters.validated_data["search"]:
            found = found.filter(Q(name__icontains=search) | Q(email__icontains=search))
        if tag := filters.validated_data["tag"]:
            found = found.filter(tags__tag=tag)
        return found


class GuestDetail(generics.RetrieveAPIView):
    """Get a guest"""

    queryset = Guest.objects.prefetch_related("tags")
    serializer_class = GuestSerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The guest in its envelope."""
        answer = super().retrieve(request, *args, **kwargs)
        return Response({"success": True, "data": answer.data})


class TaskList(generics.CreateAPIView):
    """Create a task"""

    serializer_class = TaskCreate

    def create(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """The new task in its envelope."""
        new = self.get_serializer(data=request.data)
        new.is_valid(raise_exception=True)
        task = TaskSerializer(new.save()).data
        return Response({"success": True, "data": task}, status.HTTP_201_CREATED)


urlpatterns = [
    path("healthz", health),
    path("api/v1/guests", GuestList.as_view()),
    path("api/v1/guests/<str:pk>", GuestDetail.as_view()),
    path("api/v1/tasks", TaskList.as_view()),
]
