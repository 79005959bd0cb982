"""The shapes of the Django peer: what may be asked, and what is answered."""

import uuid
from datetime import UTC, datetime, timedelta

from drf.models import Guest, Task
from rest_framework import serializers

DUE = {"urgent": 15, "high": 30, "normal": 120, "low": 1440}


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Strict(serializers.Serializer):
    """A serializer that refuses what it does not know."""

    def to_internal_value(self, data: dict) -> dict:
        """Check for unknown names first."""
        unknown = set(data) - set(self.fields)
        if unknown:
            raise serializers.ValidationError(dict.fromkeys(unknown, "Unknown field."))
        return super().to_internal_value(data)


class GuestFilters(Strict):
    """What a list of guests may be asked for."""

    page = serializers.IntegerField(default=1, min_value=1)
    limit = serializers.IntegerField(default=20, min_value=1, max_value=100)
    search = serializers.CharField(default=None, max_length=200)
    tag = serializers.CharField(default=None, max_length=64)


class GuestSerializer(serializers.ModelSerializer):
    """A guest as answered."""

    tags = serializers.SlugRelatedField(many=True, read_only=True, slug_field="tag")
    createdAt = serializers.CharField(source="created_at")
    updatedAt = serializers.CharField(source="updated_at")

    class Meta:
        model = Guest
        fields = (
            "id", "name", "email", "phone", "tags", "notes", "language", "createdAt", "updatedAt",
        )  # fmt: skip


class TaskSerializer(serializers.ModelSerializer):
    """A task as answered."""

    guestId = serializers.CharField(source="guest_id")
    conversationId = serializers.CharField(source="conversation_id")
    assignee = serializers.CharField(source="assignee_id")
    dueAt = serializers.CharField(source="due_at")
    overdue = serializers.BooleanField(default=False)
    completedAt = serializers.CharField(source="completed_at")
    createdAt = serializers.CharField(source="created_at")
    updatedAt = serializers.CharField(source="updated_at")

    class Meta:
        model = Task
        fields = (
            "id", "title", "description", "department", "priority", "status", "guestId",
            "conversationId", "room", "assignee", "dueAt", "overdue", "notes", "completedAt",
            "createdAt", "updatedAt",
        )  # fmt: skip


class TaskCreate(Strict):
    """What a new task is made of."""

    title = serializers.CharField(min_length=1, max_length=200)
    description = serializers.CharField(default=None, max_length=4096, allow_null=True)
    department = serializers.RegexField(r"^[a-z][a-z0-9-]{0,63}$")
    priority = serializers.ChoiceField(choices=list(DUE), default="normal")
    guestId = serializers.PrimaryKeyRelatedField(
        source="guest", queryset=Guest.objects.all(), default=None, allow_null=True
    )

    def create(self, validated_data: dict) -> Task:
        """Store it."""
        now = datetime.now(UTC)
        due = now + timedelta(minutes=DUE[validated_data["priority"]])
        return Task.objects.create(
            id=f"task-{uuid.uuid4()}",
            due_at=stamp(due),
            created_at=stamp(now),
            updated_at=stamp(now),
            **validated_data,
        )
