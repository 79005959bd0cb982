"""`/settings`."""

from __future__ import annotations

from jack.core.paging import Listed
from jack.http.access import ADMIN
from jack.http.blueprint import Blueprint
from jack.http.context import caller, get_db
from jack.http.schema import Loaded
from jack.resources.settings import store
from jack.resources.settings.checking import checked
from jack.resources.settings.schemas import Setting, SettingFilters, SettingPut
from jack.resources.settings.store import SettingRow

blp = Blueprint(
    "settings", __name__, under="/settings", description="The hotel's settings", scope="settings"
)


@blp.get("")
@blp.arguments(SettingFilters, location="query")
@blp.response(200, Setting(many=True))
def list_settings(filters: Loaded) -> Listed[SettingRow]:
    """List settings"""
    return store.search(get_db(), **filters)


@blp.get("/<key>")
@blp.response(200, Setting)
def get_setting(key: str) -> SettingRow:
    """Get a setting

    Secrets inside are masked as `********`, and so are credentials in addresses.
    """
    return store.get(get_db(), key)


@blp.put("/<key>")
@blp.access(ADMIN)
@blp.arguments(SettingPut)
@blp.response(200, Setting, current=store.get)
def put_setting(change: Loaded, key: str) -> SettingRow:
    """Put a setting

    The value is replaced whole. Putting the mask `********` back keeps the secret it stands for, unless a field changes that
    says where it is sent or as whom, such as `baseUrl`, `host`, `port` or `username`: then it must be given again.
    """
    return store.put(get_db(), key, change["value"], by=caller().id, checked=checked(key))
