"""A day of a hotel through the client that openapi-generator makes for Python. Prints a line a step; any difference ends it."""

import os
import time

from openapi_client import ApiClient, Configuration
from openapi_client.api.auth_api import AuthApi
from openapi_client.api.conversations_api import ConversationsApi
from openapi_client.api.guests_api import GuestsApi
from openapi_client.api.tasks_api import TasksApi
from openapi_client.api.webchat_api import WebchatApi
from openapi_client.exceptions import ApiException, BadRequestException, NotFoundException
from openapi_client.models.guest_bulk import GuestBulk
from openapi_client.models.guest_create import GuestCreate
from openapi_client.models.login import Login
from openapi_client.models.message_create import MessageCreate
from openapi_client.models.task_create import TaskCreate
from openapi_client.models.task_patch import TaskPatch
from openapi_client.models.visitor_message_create import VisitorMessageCreate
from openapi_client.models.visitor_session_create import VisitorSessionCreate
from urllib3 import Retry

# Left to itself this client waits out a 429, by its `Retry-After`, and asks again.
AT_ONCE = Retry(total=None, respect_retry_after_header=False)
HOST = os.environ["JACK_URL"]


def client(token: str | None = None) -> ApiClient:
    settings = Configuration(host=HOST, access_token=token)
    settings.retries = AT_ONCE
    return ApiClient(settings)


known = Login(email=os.environ["JACK_EMAIL"], password=os.environ["JACK_PASSWORD"])
session = AuthApi(client()).log_in(known)
assert session.success
assert session.data.user.role == "admin"
staff = client(session.data.token)
guests, tasks = GuestsApi(staff), TasksApi(staff)
print("ok sign in", flush=True)

maria = guests.create_guest(GuestCreate(name="María", phone="+34 600 123 456", tags=["interop"]))
assert maria.data.phone == "+34600123456"
assert maria.data.email is None
several = [GuestCreate(name=f"Guest {number:02}", tags=["interop"]) for number in range(25)]
results = guests.create_guests(GuestBulk(items=several)).data
assert [result.success for result in results] == [True] * 25
assert results[0].data is not None
towels = TaskCreate(
    title="Extra towels", department="housekeeping", priority="urgent", guestId=maria.data.id
)
task = tasks.create_task(towels).data
print("ok create", flush=True)

found = tasks.list_tasks(status=["open"], priority=["urgent"], department="housekeeping")
assert [one.id for one in found.data] == [task.id]
assert guests.list_guests(search="MARIA", tag=["interop"]).meta.total == 1
print("ok list with filters", flush=True)

seen: list[str] = []
page = pages = 1
while page <= pages:
    part = guests.list_guests(page=page, limit=10, tag=["interop"])
    seen += [guest.id for guest in part.data]
    page, pages = page + 1, part.meta.pages
assert len(set(seen)) == len(seen) == 26
print("ok page through all", flush=True)

visit = WebchatApi(client()).begin_visitor_session(VisitorSessionCreate(name="Ana")).data
question = VisitorMessageCreate(content="Is the pool open?", clientMessageId="question-1")
WebchatApi(client(visit.token)).send_visitor_message(question)
conversations = ConversationsApi(staff)
chat = conversations.list_conversations(channel="web", status="open").data[0]
said = conversations.send_message(chat.id, MessageCreate(content="Until 10 PM.", type="text")).data
assert said.author.type == "staff"
status = said.status
for _ in range(40):
    if status in ("sent", "delivered", "read"):
        break
    time.sleep(0.5)
    status = conversations.list_messages(chat.id, order="desc").data[0].status
assert status in ("sent", "delivered", "read"), status
print("ok send", flush=True)

done = tasks.change_task(task.id, TaskPatch(status="completed", notes="Delivered")).data
assert done.completed_at is not None
print("ok complete", flush=True)

try:
    tasks.create_task(TaskCreate(title="Towels", department="no-such"))
    raise SystemExit("an unknown department was taken")
except BadRequestException as refused:
    assert refused.data.error.code == "VALIDATION_ERROR"
    assert refused.data.error.details[0].var_field == "department"
print("ok 400", flush=True)

try:
    guests.get_guest("guest-nobody")
    raise SystemExit("a guest who is not there was found")
except NotFoundException as refused:
    assert refused.data.error.code == "NOT_FOUND"
print("ok 404", flush=True)

try:
    for _ in range(201):
        guests.list_guests(limit=1)
    raise SystemExit("201 requests at once were taken")
except ApiException as refused:
    assert refused.status == 429
    assert refused.data.error.code == "RATE_LIMITED"
    assert int(refused.headers["Retry-After"]) >= 1
print("ok 429", flush=True)
