"""Pages in the envelope."""

from typing import Any

from rest_framework import pagination
from rest_framework.response import Response


class EnvelopePagination(pagination.PageNumberPagination):
    """Pages by number, answered in the envelope."""

    page_size = 20
    page_size_query_param = "limit"
    max_page_size = 100

    def get_paginated_response(self, data: list[dict[str, Any]]) -> Response:
        """The envelope with meta."""
        paginator = self.page.paginator
        meta = {
            "page": self.page.number,
            "limit": paginator.per_page,
            "total": paginator.count,
            "pages": paginator.num_pages,
        }
        return Response({"success": True, "data": data, "meta": meta})
