"""A day of a hotel through the client that openapi-python-client makes. Prints a line a step; any difference ends it."""

import os
import time

from jack_client import AuthenticatedClient, Client
from jack_client.api.auth import log_in
from jack_client.api.conversations import list_conversations, list_messages, send_message
from jack_client.api.guests import create_guest, create_guests, get_guest, list_guests
from jack_client.api.tasks import change_task, create_task, list_tasks
from jack_client.api.webchat import begin_visitor_session, send_visitor_message
from jack_client.models import (
    ErrorAnswer,
    GuestBulk,
    GuestCreate,
    ListConversationsChannel,
    ListConversationsStatus,
    ListMessagesOrder,
    ListTasksPriorityItem,
    ListTasksStatusItem,
    Login,
    MessageCreate,
    MessageCreateType,
    TaskCreate,
    TaskCreatePriority,
    TaskPatch,
    TaskPatchStatus,
    VisitorMessageCreate,
    VisitorSessionCreate,
)
from jack_client.types import Response

HOST = os.environ["JACK_URL"]
nobody = Client(base_url=HOST)


def good(answer):
    """What was answered, which is no error."""
    assert answer is not None
    assert not isinstance(answer, ErrorAnswer), answer
    return answer


def refused(response: Response, status: int, code: str):
    """The error that was answered."""
    assert response.status_code == status, response
    assert isinstance(response.parsed, ErrorAnswer)
    assert response.parsed.error.code == code
    return response.parsed.error


known = Login(email=os.environ["JACK_EMAIL"], password=os.environ["JACK_PASSWORD"])
session = good(log_in.sync(client=nobody, body=known))
assert session.data.user.role == "admin"
staff = AuthenticatedClient(base_url=HOST, token=session.data.token)
print("ok sign in", flush=True)

new = GuestCreate(name="María", phone="+34 600 123 456", tags=["interop"])
maria = good(create_guest.sync(client=staff, body=new)).data
assert maria.phone == "+34600123456"
assert maria.email is None
several = [GuestCreate(name=f"Guest {number:02}", tags=["interop"]) for number in range(25)]
results = good(create_guests.sync(client=staff, body=GuestBulk(items=several))).data
assert [result.success for result in results] == [True] * 25
towels = TaskCreate(
    title="Extra towels",
    department="housekeeping",
    priority=TaskCreatePriority.URGENT,
    guest_id=maria.id,
)
task = good(create_task.sync(client=staff, body=towels)).data
print("ok create", flush=True)

found = good(
    list_tasks.sync(
        client=staff,
        status=[ListTasksStatusItem.OPEN],
        priority=[ListTasksPriorityItem.URGENT],
        department="housekeeping",
    )
)
assert [one.id for one in found.data] == [task.id]
assert good(list_guests.sync(client=staff, search="MARIA", tag=["interop"])).meta.total == 1
print("ok list with filters", flush=True)

seen: list[str] = []
page = pages = 1
while page <= pages:
    part = good(list_guests.sync(client=staff, page=page, limit=10, tag=["interop"]))
    seen += [guest.id for guest in part.data]
    page, pages = page + 1, part.meta.pages
assert len(set(seen)) == len(seen) == 26
print("ok page through all", flush=True)

visit = good(begin_visitor_session.sync(client=nobody, body=VisitorSessionCreate(name="Ana"))).data
visitor = AuthenticatedClient(base_url=HOST, token=visit.token)
question = VisitorMessageCreate(content="Is the pool open?", client_message_id="question-1")
good(send_visitor_message.sync(client=visitor, body=question))
chat = good(
    list_conversations.sync(
        client=staff, channel=ListConversationsChannel.WEB, status=ListConversationsStatus.OPEN
    )
).data[0]
answer = MessageCreate(content="Until 10 PM.", type_=MessageCreateType.TEXT)
said = good(send_message.sync(chat.id, client=staff, body=answer)).data
assert said.author.type_ == "staff"
status = said.status
for _ in range(40):
    if status in ("sent", "delivered", "read"):
        break
    time.sleep(0.5)
    newest = list_messages.sync(chat.id, client=staff, order=ListMessagesOrder.DESC)
    status = good(newest).data[0].status
assert status in ("sent", "delivered", "read"), status
print("ok send", flush=True)

change = TaskPatch(status=TaskPatchStatus.COMPLETED, notes="Delivered")
done = good(change_task.sync(task.id, client=staff, body=change)).data
assert done.completed_at is not None
print("ok complete", flush=True)

wrong = TaskCreate(title="Towels", department="no-such")
error = refused(create_task.sync_detailed(client=staff, body=wrong), 400, "VALIDATION_ERROR")
assert error.details[0].field == "department"
print("ok 400", flush=True)

refused(get_guest.sync_detailed("guest-nobody", client=staff), 404, "NOT_FOUND")
print("ok 404", flush=True)

for _ in range(201):
    last = list_guests.sync_detailed(client=staff, limit=1)
    if last.status_code != 200:
        break
refused(last, 429, "RATE_LIMITED")
assert int(last.headers["Retry-After"]) >= 1
print("ok 429", flush=True)
