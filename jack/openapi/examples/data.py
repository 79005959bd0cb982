"""Examples: import, export and backups."""

from __future__ import annotations

from jack.openapi.examples.common import IDS, LATER, PASSWORD, WHEN, Answered, Sent

MAPPING = {"Guest name": "name", "E-mail": "email", "Mobile": "phone"}

SENT: Sent = {
    "createExport": {
        "all messages": {"what": "messages", "format": "ndjson"},
        "guests with a tag": {"what": "guests", "format": "csv", "filters": {"tag": ["vip"]}},
        "all of one guest": {"what": "guest", "filters": {"guestId": IDS["guest_id"]}},
    },
    "releaseBackup": {"a password": {"password": PASSWORD}},
}

ANSWERED: Answered = {
    "ExportJob": {
        "id": IDS["export_id"],
        "what": "messages",
        "format": "ndjson",
        "status": "done",
        "rows": 1_000_000,
        "bytes": 412_000_000,
        "error": None,
        "createdAt": WHEN,
        "expiresAt": "2026-05-02T15:02:00.000Z",
    },
    "DueErasure": {
        "guest": {"id": IDS["guest_id"], "name": "John Smith"},
        "lastActivityAt": "2024-05-04T00:00:00.000Z",
        "eraseAt": WHEN,
    },
    "Backup": {
        "id": IDS["backup_id"],
        "reason": "nightly",
        "status": "done",
        "file": "jack-20260501T020000Z-1b2c3d.tar",
        "bytes": 48_200_000,
        "counts": {
            "guests": 1_204,
            "conversations": 3_310,
            "messages": 41_870,
            "tasks": 902,
            "files": 311,
            "damagedFiles": 0,
        },
        "encrypted": False,
        "error": None,
        "copiedAt": WHEN,
        "copyError": None,
        "createdAt": WHEN,
        "finishedAt": WHEN,
    },
    "BackupToken": {"token": "1777651320.5d41…", "expiresAt": LATER},
    "ImportJob": {
        "id": IDS["import_id"],
        "what": "guests",
        "status": "done",
        "dryRun": False,
        "onMatch": "fill",
        "mapping": MAPPING,
        "total": 3,
        "created": 1,
        "updated": 1,
        "unchanged": 0,
        "failed": 1,
        "errors": [{"line": 4, "field": "email", "message": "Not a valid e-mail address."}],
        "error": None,
        "createdAt": WHEN,
        "finishedAt": WHEN,
    },
    "ImportPreview": {
        "format": "csv",
        "encoding": "windows-1252",
        "delimiter": ";",
        "columns": ["Guest name", "E-mail", "Mobile"],
        "fields": ["name", "email", "phone", "tags", "notes", "language"],
        "mapping": MAPPING,
        "rows": [["John Smith", "john@example.com", "+15551234567"]],
    },
}
