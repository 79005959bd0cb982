// A day of a hotel through the client that @hey-api/openapi-ts makes. Prints a line a step; any difference ends it.
import { strict as assert } from "node:assert";
import { setTimeout as pause } from "node:timers/promises";
import {
  beginVisitorSession,
  changeTask,
  createGuest,
  createGuests,
  createTask,
  getGuest,
  listConversations,
  listGuests,
  getMessage,
  listTasks,
  logIn,
  sendMessage,
  sendVisitorMessage,
  type ErrorAnswer,
} from "./client";
import { createClient } from "./client/client";

const baseUrl = process.env.JACK_URL!;
const nobody = createClient({ baseUrl });
const withToken = (token: string) => createClient({ baseUrl, auth: () => token });

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response?: Response;
}

async function good<T>(call: Promise<Outcome<T>>): Promise<T> {
  const { data, error } = await call;
  assert(data !== undefined, JSON.stringify(error));
  return data;
}

async function refused(call: Promise<Outcome<unknown>>, status: number, code: string) {
  const { error, response } = await call;
  assert.equal(response?.status, status);
  assert.equal((error as ErrorAnswer).error.code, code);
  return { error: (error as ErrorAnswer).error, headers: response!.headers };
}

async function main() {
  const known = { email: process.env.JACK_EMAIL!, password: process.env.JACK_PASSWORD! };
  const session = await good(logIn({ client: nobody, body: known }));
  assert.equal(session.data.user.role, "admin");
  const client = withToken(session.data.token);
  console.log("ok sign in");

  const tags = ["interop"];
  const body = { name: "María", phone: "+34 600 123 456", tags };
  const maria = (await good(createGuest({ client, body }))).data;
  assert.equal(maria.phone, "+34600123456");
  assert.equal(maria.email, null);
  const numbers = Array.from({ length: 25 }, (_, number) => String(number).padStart(2, "0"));
  const items = numbers.map((number) => ({ name: `Guest ${number}`, tags }));
  const results = (await good(createGuests({ client, body: { items } }))).data;
  assert(results.length === 25 && results.every((result) => result.success && result.data));
  const towels = { title: "Extra towels", department: "housekeeping", guestId: maria.id };
  const urgent = { ...towels, priority: "urgent" as const };
  const task = (await good(createTask({ client, body: urgent }))).data;
  console.log("ok create");

  const filters = { department: "housekeeping", status: ["open" as const] };
  const query = { ...filters, priority: ["urgent" as const] };
  const found = await good(listTasks({ client, query }));
  assert.deepEqual(
    found.data.map((one) => one.id),
    [task.id],
  );
  const same = await good(listGuests({ client, query: { search: "MARIA", tag: tags } }));
  assert.equal(same.meta.total, 1);
  console.log("ok list with filters");

  const seen: string[] = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const part = await good(listGuests({ client, query: { page, limit: 10, tag: tags } }));
    seen.push(...part.data.map((guest) => guest.id));
    pages = part.meta.pages!; // there in lists by page, not in those by cursor
  }
  assert(seen.length === 26 && new Set(seen).size === 26);
  console.log("ok page through all");

  const visit = (await good(beginVisitorSession({ client: nobody, body: { name: "Ana" } }))).data;
  const question = { content: "Is the pool open?", clientMessageId: "question-1" };
  await good(sendVisitorMessage({ client: withToken(visit.token), body: question }));
  const open = { channel: "web" as const, status: "open" as const };
  const chat = (await good(listConversations({ client, query: open }))).data[0]!;
  const path = { conversationId: chat.id };
  const answer = { content: "Until 10 PM.", type: "text" as const };
  let said = (await good(sendMessage({ client, path, body: answer }))).data;
  assert.equal(said.author.type, "staff");
  const gone = ["sent", "delivered", "read"];
  for (let tries = 0; tries < 40 && !gone.includes(said.status!); tries += 1) {
    await pause(500);
    said = (await good(getMessage({ client, path: { messageId: said.id } }))).data;
  }
  assert(gone.includes(said.status!), `still ${said.status}`);
  console.log("ok send");

  const change = { status: "completed" as const, notes: "Delivered" };
  const done = await good(changeTask({ client, path: { taskId: task.id }, body: change }));
  assert(done.data.completedAt);
  console.log("ok complete");

  const wrong = { title: "Towels", department: "no-such" };
  const invalid = await refused(createTask({ client, body: wrong }), 400, "VALIDATION_ERROR");
  assert.equal(invalid.error.details![0]!.field, "department");
  console.log("ok 400");

  const unknown = { guestId: "guest-nobody" };
  await refused(getGuest({ client, path: unknown }), 404, "NOT_FOUND");
  console.log("ok 404");

  let last = await listGuests({ client, query: { limit: 1 } });
  for (let count = 1; count < 201 && last.data; count += 1) {
    last = await listGuests({ client, query: { limit: 1 } });
  }
  const limited = await refused(Promise.resolve(last), 429, "RATE_LIMITED");
  assert(Number(limited.headers.get("Retry-After")) >= 1);
  console.log("ok 429");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
