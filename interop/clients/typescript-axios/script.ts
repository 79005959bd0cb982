// A day of a hotel through the client that openapi-generator makes for TypeScript. Prints a line a step; any difference ends it.
import { strict as assert } from "node:assert";
import { setTimeout as pause } from "node:timers/promises";
import { isAxiosError } from "axios";
import {
  AuthApi,
  Configuration,
  ConversationsApi,
  GuestsApi,
  MessagesApi,
  TasksApi,
  WebchatApi,
  type ErrorAnswer,
} from "./client";

const basePath = process.env.JACK_URL!;
const settings = (accessToken?: string) => new Configuration({ basePath, accessToken });

async function refused(call: Promise<unknown>, status: number, code: string) {
  try {
    await call;
  } catch (error) {
    assert(isAxiosError<ErrorAnswer>(error) && error.response);
    assert.equal(error.response.status, status);
    assert.equal(error.response.data.error.code, code);
    return error.response;
  }
  throw new Error(`not refused with ${status}`);
}

async function main() {
  const known = { email: process.env.JACK_EMAIL!, password: process.env.JACK_PASSWORD! };
  const session = (await new AuthApi(settings()).logIn({ login: known })).data;
  assert.equal(session.data.user.role, "admin");
  const staff = settings(session.data.token);
  const [guests, tasks] = [new GuestsApi(staff), new TasksApi(staff)];
  console.log("ok sign in");

  const tags = ["interop"];
  const created = { name: "María", phone: "+34 600 123 456", tags };
  const maria = (await guests.createGuest({ guestCreate: created })).data;
  assert.equal(maria.data.phone, "+34600123456");
  assert.equal(maria.data.email, null);
  const numbers = Array.from({ length: 25 }, (_, number) => String(number).padStart(2, "0"));
  const items = numbers.map((number) => ({ name: `Guest ${number}`, tags }));
  const results = (await guests.createGuests({ guestBulk: { items } })).data.data;
  assert(results.length === 25 && results.every((result) => result.success && result.data));
  const towels = {
    title: "Extra towels",
    department: "housekeeping",
    guestId: maria.data.id,
    priority: "urgent" as const,
  };
  const task = (await tasks.createTask({ taskCreate: towels })).data.data;
  console.log("ok create");

  const department = "housekeeping";
  const found = await tasks.listTasks({ status: ["open"], priority: ["urgent"], department });
  assert.deepEqual(
    found.data.data.map((one) => one.id),
    [task.id],
  );
  assert.equal((await guests.listGuests({ search: "MARIA", tag: tags })).data.meta.total, 1);
  console.log("ok list with filters");

  const seen: string[] = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const part = (await guests.listGuests({ page, limit: 10, tag: tags })).data;
    seen.push(...part.data.map((guest) => guest.id));
    pages = part.meta.pages!; // there in lists by page, not in those by cursor
  }
  assert(seen.length === 26 && new Set(seen).size === 26);
  console.log("ok page through all");

  const visit = (
    await new WebchatApi(settings()).beginVisitorSession({ visitorSessionCreate: { name: "Ana" } })
  ).data.data;
  const question = { content: "Is the pool open?", clientMessageId: "question-1" };
  await new WebchatApi(settings(visit.token)).sendVisitorMessage({
    visitorMessageCreate: question,
  });
  const conversations = new ConversationsApi(staff);
  const chats = (await conversations.listConversations({ status: "open", channel: "web" })).data
    .data;
  const chat = chats[0]!;
  const answer = { content: "Until 10 PM.", type: "text" as const };
  let said = (await conversations.sendMessage({ conversationId: chat.id, messageCreate: answer }))
    .data.data;
  assert.equal(said.author.type, "staff");
  const messages = new MessagesApi(staff);
  const gone = ["sent", "delivered", "read"];
  for (let tries = 0; tries < 40 && !gone.includes(said.status!); tries += 1) {
    await pause(500);
    said = (await messages.getMessage({ messageId: said.id })).data.data;
  }
  assert(gone.includes(said.status!), `still ${said.status}`);
  console.log("ok send");

  const taskPatch = { status: "completed" as const, notes: "Delivered" };
  const done = await tasks.changeTask({ taskId: task.id, taskPatch });
  assert(done.data.data.completedAt);
  console.log("ok complete");

  const wrong = tasks.createTask({ taskCreate: { title: "Towels", department: "no-such" } });
  const invalid = await refused(wrong, 400, "VALIDATION_ERROR");
  assert.equal(invalid.data.error.details![0]!.field, "department");
  console.log("ok 400");

  await refused(guests.getGuest({ guestId: "guest-nobody" }), 404, "NOT_FOUND");
  console.log("ok 404");

  const many = async () => {
    for (let count = 0; count < 201; count += 1) await guests.listGuests({ limit: 1 });
  };
  const limited = await refused(many(), 429, "RATE_LIMITED");
  assert(Number(limited.headers["retry-after"]) >= 1);
  console.log("ok 429");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
