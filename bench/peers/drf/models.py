"""The tables of the Django peer, as Django sees them."""

from django.db import models


class Staff(models.Model):
    """Somebody who may sign in."""

    id = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20)
    active = models.BooleanField(default=True)

    is_authenticated = True

    class Meta:
        db_table = "staff"


class Session(models.Model):
    """One sign-in."""

    jti = models.CharField(primary_key=True, max_length=64)
    staff = models.ForeignKey(Staff, models.CASCADE)
    expires_at = models.CharField(max_length=24)
    revoked_at = models.CharField(max_length=24, null=True)

    class Meta:
        db_table = "sessions"


class Guest(models.Model):
    """A guest."""

    id = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=200, null=True, unique=True)
    phone = models.CharField(max_length=32, null=True, unique=True)
    notes = models.TextField(null=True)
    language = models.CharField(max_length=16, null=True)
    created_at = models.CharField(max_length=24)
    updated_at = models.CharField(max_length=24)

    class Meta:
        db_table = "guests"
        ordering = ["-created_at", "-id"]


class GuestTag(models.Model):
    """One tag of one guest."""

    guest = models.ForeignKey(Guest, models.CASCADE, related_name="tags")
    tag = models.CharField(max_length=64)

    class Meta:
        db_table = "guest_tags"
        ordering = ["tag"]


class Task(models.Model):
    """Something to be done."""

    id = models.CharField(primary_key=True, max_length=64)
    title = models.CharField(max_length=200)
    description = models.TextField(null=True)
    department = models.CharField(max_length=64)
    priority = models.CharField(max_length=16, default="normal")
    status = models.CharField(max_length=16, default="open")
    guest = models.ForeignKey(Guest, models.SET_NULL, null=True)
    conversation_id = models.CharField(max_length=64, null=True)
    room = models.CharField(max_length=32, null=True)
    assignee = models.ForeignKey(Staff, models.SET_NULL, null=True)
    due_at = models.CharField(max_length=24)
    notes = models.TextField(null=True)
    completed_at = models.CharField(max_length=24, null=True)
    created_at = models.CharField(max_length=24)
    updated_at = models.CharField(max_length=24)

    class Meta:
        db_table = "tasks"
