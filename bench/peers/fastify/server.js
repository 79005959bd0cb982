/**
 * Fastify with better-sqlite3 in a cluster, after their own guides: JSON schemas for what comes in
 * and goes out, prepared statements, one connection a process. A guest's tags are JSON in the row.
 */
import cluster from "node:cluster";
import { randomUUID } from "node:crypto";
import process from "node:process";

import jwt from "@fastify/jwt";
import Database from "better-sqlite3";
import Fastify from "fastify";

const DUE = { urgent: 15, high: 30, normal: 120, low: 1440 }; // minutes

const text = { type: "string" };
const optional = { type: ["string", "null"] };

const guest = {
  type: "object",
  properties: {
    id: text,
    name: text,
    email: optional,
    phone: optional,
    tags: { type: "array", items: text },
    notes: optional,
    language: optional,
    createdAt: text,
    updatedAt: text,
  },
};

const task = {
  type: "object",
  properties: {
    id: text,
    title: text,
    description: optional,
    department: text,
    priority: text,
    status: text,
    guestId: optional,
    conversationId: optional,
    room: optional,
    assignee: optional,
    dueAt: text,
    overdue: { type: "boolean" },
    notes: optional,
    completedAt: optional,
    createdAt: text,
    updatedAt: text,
  },
};

const whole = { type: "integer" };
const meta = {
  type: "object",
  properties: { page: whole, limit: whole, total: whole, pages: whole },
};
const answer = (data, more = {}) => ({
  type: "object",
  properties: { success: { type: "boolean" }, data, ...more },
});

const filters = {
  type: "object",
  additionalProperties: false,
  properties: {
    page: { type: "integer", minimum: 1, default: 1 },
    limit: { type: "integer", minimum: 1, maximum: 100, default: 20 },
    search: { type: "string", maxLength: 200 },
    tag: { type: "string", maxLength: 64 },
  },
};

const newTask = {
  type: "object",
  additionalProperties: false,
  required: ["title", "department"],
  properties: {
    title: { type: "string", minLength: 1, maxLength: 200 },
    description: { type: ["string", "null"], maxLength: 4096 },
    department: { type: "string", pattern: "^[a-z][a-z0-9-]{0,63}$" },
    priority: { type: "string", enum: Object.keys(DUE), default: "normal" },
    guestId: optional,
  },
};

function shownGuest(row) {
  const { created_at: createdAt, updated_at: updatedAt, tags, ...rest } = row;
  return { ...rest, tags: JSON.parse(tags), createdAt, updatedAt };
}

function shownTask(row) {
  return {
    ...row,
    guestId: row.guest_id,
    conversationId: row.conversation_id,
    assignee: row.assignee_id,
    dueAt: row.due_at,
    overdue: false,
    completedAt: row.completed_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function opened() {
  const db = new Database(process.env.BENCH_DB, { timeout: 30_000 });
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.pragma("foreign_keys = ON");
  return db;
}

/** The statement for what is asked for, prepared once. */
function statements(db) {
  const known = new Map();
  return (sql) => {
    if (!known.has(sql)) known.set(sql, db.prepare(sql));
    return known.get(sql);
  };
}

function where({ search, tag }) {
  const clauses = ["1 = 1"];
  if (search) clauses.push("(name || ' ' || coalesce(email, '')) LIKE '%' || :search || '%'");
  if (tag) clauses.push("id IN (SELECT guest_id FROM guest_tags WHERE tag = :tag)");
  return clauses.join(" AND ");
}

const problem = (statusCode, message) => Object.assign(new Error(message), { statusCode });

const listed = {
  querystring: filters,
  response: { 200: answer({ type: "array", items: guest }, { meta }) },
};

function guests(api, prepared) {
  api.get("/guests", { schema: listed }, (request) => {
    const { page, limit, ...asked } = request.query;
    const from = `FROM guests WHERE ${where(asked)}`;
    const { total } = prepared(`SELECT count(*) AS total ${from}`).get(asked);
    const rows = prepared(
      `SELECT * ${from} ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset`,
    ).all({ ...asked, limit, offset: (page - 1) * limit });
    return {
      success: true,
      data: rows.map(shownGuest),
      meta: { page, limit, total, pages: Math.ceil(total / limit) },
    };
  });

  api.get("/guests/:id", { schema: { response: { 200: answer(guest) } } }, (request) => {
    const row = prepared("SELECT * FROM guests WHERE id = ?").get(request.params.id);
    if (!row) throw problem(404, "Guest not found");
    return { success: true, data: shownGuest(row) };
  });
}

const INSERT = `INSERT INTO tasks (id, title, description, department, priority, guest_id, due_at,
    created_at, updated_at)
  VALUES (:id, :title, :description, :department, :priority, :guestId, :due, :now, :now)
  RETURNING *`;
const created = { body: newTask, response: { 201: answer(task) } };

function tasks(api, prepared) {
  api.post("/tasks", { schema: created }, (request, reply) => {
    const { guestId = null, description = null, ...rest } = request.body;
    if (guestId && !prepared("SELECT 1 FROM guests WHERE id = ?").get(guestId)) {
      throw problem(400, "No such guest");
    }
    const now = new Date();
    const row = prepared(INSERT).get({
      ...rest,
      description,
      guestId,
      id: `task-${randomUUID()}`,
      due: new Date(now.getTime() + DUE[rest.priority] * 60_000).toISOString(),
      now: now.toISOString(),
    });
    reply.code(201);
    return { success: true, data: shownTask(row) };
  });
}

const SESSION = `SELECT staff.id FROM sessions JOIN staff ON staff.id = sessions.staff_id
  WHERE sessions.jti = ? AND sessions.revoked_at IS NULL AND staff.active = 1`;

async function serve() {
  const strict = { removeAdditional: false, coerceTypes: true, useDefaults: true };
  const app = Fastify({ logger: false, ajv: { customOptions: strict } });
  await app.register(jwt, { secret: process.env.BENCH_SECRET, verify: { cache: true } });
  const prepared = statements(opened());

  app.get("/healthz", () => "ok");
  const api = async (scope) => {
    scope.addHook("onRequest", async (request) => {
      const { jti } = await request.jwtVerify();
      if (!prepared(SESSION).get(jti)) throw problem(401, "Session is over");
    });
    guests(scope, prepared);
    tasks(scope, prepared);
  };
  app.register(api, { prefix: "/api/v1" });

  await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
}

if (cluster.isPrimary) {
  for (let n = 0; n < Number(process.env.WEB_CONCURRENCY); n += 1) cluster.fork();
  process.on("SIGTERM", () => {
    for (const worker of Object.values(cluster.workers)) worker.kill();
    process.exit(0);
  });
} else {
  await serve();
}
