// What the API answers, as far as the pages read it. The reference is the OpenAPI document.

declare namespace Api {
  type Channel = "whatsapp" | "sms" | "email" | "web";
  type Role = "staff" | "manager" | "admin";

  interface Detail {
    field: string;
    message: string;
    code?: string;
  }

  /** The `error` of an error response. */
  interface Problem {
    code: string;
    message: string;
    reason: string;
    details: Detail[];
  }

  interface Options {
    body?: object;
    token?: string | null;
    tag?: string | null;
    page?: boolean;
    match?: string | null;
    key?: string;
    early?: Promise<Response>;
    keepalive?: boolean;
  }

  interface Meta {
    total: number;
    page: number;
    pages: number;
    cursor: number;
    latest: number;
    missed: boolean;
    seenMessageId: string | null;
  }

  /** A response's envelope, with its ETag and the calls left this minute. */
  interface Answer<T = any> {
    data: T;
    meta: Meta;
    tag: string | null;
    left: number;
  }

  interface StaffMember {
    id: string;
    name: string;
    email: string;
    role: Role;
    department: string | null;
    active: boolean;
    invited: boolean;
    totpEnabled: boolean | null;
    lastSeenAt: string | null;
  }

  /** A session of the staff member's own. */
  interface Device {
    id: string;
    createdAt: string;
    lastUsedAt: string;
    ip: string | null;
    userAgent: string | null;
    current: boolean;
  }

  /** A device of the staff member's own that is told of what happens. */
  interface PushSubscription {
    id: string;
    service: string;
    userAgent: string | null;
    failure: string | null;
  }

  /** What another program uses the API with. */
  interface ApiKey {
    id: string;
    name: string;
    scopes: string[];
    hint: string;
    rateLimit: number;
    rateLimitBulk: number;
    createdAt: string;
    createdBy: string | null;
    lastUsedAt: string | null;
    lastUsedIp: string | null;
    expiresAt: string | null;
    revokedAt: string | null;
  }

  interface SecondFactor {
    enabled: boolean;
    required: boolean;
    enabledAt: string | null;
    recoveryCodesLeft: number;
  }

  interface PendingTotp {
    secret: string;
    otpauthUri: string;
    qrCode: string;
  }

  interface Invite {
    url: string;
    mailedTo: string | null;
    expiresAt: string;
  }

  interface Department {
    slug: string;
    name: string;
  }

  interface Guest {
    id: string;
    stay: CurrentStay | null;
    name: string;
    email: string | null;
    phone: string | null;
    language: string | null;
    tags: string[];
    notes: string | null;
    externalId: string | null;
    externalIds: Record<string, string>;
    blocked: boolean;
    consents: Record<string, Consent>;
    createdAt: string;
  }

  /** A guest who is erased by themselves, and when. */
  interface DueErasure {
    guest: { id: string; name: string };
    lastActivityAt: string;
    eraseAt: string;
  }

  /** What a guest has said of messages on a channel. */
  interface Consent {
    state: string;
    at: string | null;
    source: string | null;
  }

  /** Somebody who may be the same person as a guest; `unproven` are ids of those of the two. */
  interface Duplicate {
    guest: Guest;
    evidence: { reason: string; proven: boolean }[];
    unproven: string[];
  }

  /** The stay of a guest that matters now. */
  interface CurrentStay {
    id: string;
    room: string | null;
    arrival: string;
    departure: string;
    status: "booked" | "in_house" | "departed";
  }

  interface Stay {
    id: string;
    guestId: string | null;
    guest: { id: string; name: string } | null;
    room: string | null;
    arrival: string;
    departure: string;
    eta: string | null;
    adults: number;
    children: number;
    status: "booked" | "in_house" | "departed" | "cancelled" | "no_show";
    source: string | null;
    confirmation: string | null;
    notes: string | null;
  }

  interface Conversation {
    id: string;
    stay: CurrentStay | null;
    channel: Channel;
    status: "open" | "pending" | "closed";
    guestId: string | null;
    guest: { name: string } | null;
    assignee: string | null;
    subject: string | null;
    preview: string | null;
    previewMedia: PreviewMedia | null;
    unread: number;
    createdAt: string;
    updatedAt: string;
    lastMessageAt: string | null;
    waitingSince: string | null;
    snoozedUntil: string | null;
    windowExpiresAt: string | null;
    answerable: boolean;
    presence: { id: string; name: string; state: "viewing" | "writing" }[];
    match: Match | null;
  }

  /** The message that a search has found; `ranges` count characters of `snippet`. */
  interface Match {
    messageId: string;
    snippet: string;
    ranges: [number, number][];
  }

  /** The files of a conversation's last message. */
  interface PreviewMedia {
    kind: "photo" | "voice" | "audio" | "video" | "file";
    count: number;
    seconds: number | null;
    name: string | null;
    caption: string | null;
  }

  interface Counts {
    unread: number;
    mine: number;
    unassigned: number;
    waiting: number;
    open: number;
    pending: number;
    closed: number;
  }

  interface Attachment {
    id: string;
    name: string;
    mime: string;
    size: number | null;
    status?: "ready" | "pending" | "failed";
    url: string | null;
    previewUrl?: string | null;
    duration?: number | null;
  }

  interface Place {
    latitude: number;
    longitude: number;
    name?: string;
    address?: string;
  }

  /** What a guest has come from. */
  interface Referral {
    headline?: string;
    body?: string;
    url?: string;
    source?: string;
  }

  /** What a text alone cannot say, as far as the pages show it. */
  interface Details {
    subject?: string;
    template?: { name: string; language: string };
    voice?: boolean;
    location?: Place;
    automatic?: boolean;
    blocked?: boolean;
    consent?: "stop" | "start";
    referral?: Referral;
    edited?: string;
    edits?: { at: string; content: string }[];
    unproven?: string;
    sentBy?: string;
    authentication?: { spf?: string; dkim?: string; dmarc?: string; from: string };
    delayed?: { since: string; reason: string; code?: string; cause?: string };
    bounce?: { code?: string; cause?: string; diagnosis?: string };
  }

  /** An emoji on a message; `error` is why the provider refused the hotel's. */
  interface Reaction {
    emoji: string;
    by: Message["author"];
    at: string;
    error: string | null;
  }

  /** The message that another one answers: how it begins, and who wrote it. */
  interface Quoted {
    id: string;
    content: string;
    author: Message["author"];
  }

  interface Message {
    id: string;
    conversationId: string;
    type: "text" | "note" | "template" | "unsupported";
    direction: "inbound" | "outbound";
    author: {
      type: "staff" | "guest" | "integration" | "automation" | "system";
      id: string | null;
      name: string | null;
    };
    content: string;
    attachments: Attachment[];
    details: Details | null;
    replyTo: Quoted | null;
    reactions: Reaction[];
    status: string;
    error: string | null;
    createdAt: string;
    writtenAt: string | null;
    orderedAt: string;
    sentAt: string | null;
    deliveredAt: string | null;
    readAt: string | null;
    sendAt: string | null;
    cancelOnReply: boolean;
  }

  interface GuestMessage extends Message {
    channel: Channel;
  }

  interface Task {
    id: string;
    title: string;
    description: string | null;
    notes: string | null;
    department: string;
    priority: "urgent" | "high" | "normal" | "low";
    status: "open" | "in_progress" | "blocked" | "completed" | "cancelled";
    room: string | null;
    assignee: string | null;
    guestId: string | null;
    conversationId: string | null;
    externalId: string | null;
    overdue: boolean;
    dueAt: string;
    completedAt: string | null;
    attachments: TaskFile[];
    updatedAt: string;
  }

  interface TaskFile {
    id: string;
    name: string;
    mime: string;
    size: number;
    status: "ready" | "failed";
    url: string | null;
    previewUrl: string | null;
    createdAt: string;
  }

  interface MessageTemplate {
    id: string;
    name: string;
    shortcut: string | null;
    texts: Record<string, string>;
    channels: Channel[];
    whatsappTemplate: { name: string; parameters: string[] } | null;
  }

  interface FilledTemplate {
    content: string;
    language: string;
    missing: string[];
  }

  interface KnowledgeEntry {
    id: string;
    title: string;
    category: string;
    language: string | null;
    content: string;
    updatedAt: string;
  }

  interface Webhook {
    id: string;
    url: string;
    events: string[];
    description: string | null;
    includeNotes: boolean;
    enabled: boolean;
    disabledReason: string | null;
    secretHint: string;
    createdAt: string;
    updatedAt: string;
    lastSuccessAt: string | null;
    lastFailureAt: string | null;
  }

  /** An event that was sent to a webhook, or is to be. */
  interface Delivery {
    id: string;
    event: string;
    attempt: number;
    status: "pending" | "delivered" | "failed";
    nextAttemptAt: string | null;
    request: { headers: Record<string, string>; body: string | null } | null;
    response: { status: number; body: string | null } | null;
    error: string | null;
    durationMs: number | null;
    createdAt: string;
  }

  interface ChannelStatus {
    channel: Channel;
    enabled: boolean;
    configured?: boolean;
    state?: string;
    lastInboundAt?: string | null;
    lastOutboundAt?: string | null;
    queueLength?: number;
    pausedBecause?: string | null;
    lastError?: string | null;
  }

  interface ChannelTestStep {
    name: string;
    ok: boolean;
    message: string;
    ms: number;
  }

  interface ChannelTest {
    status: "running" | "ok" | "failed";
    steps: ChannelTestStep[];
  }

  interface ImportPreview {
    columns: string[];
    fields: string[];
    mapping: Record<string, string>;
    rows: string[][];
  }

  interface Import {
    [counted: string]: any;
    status: string;
    what: string;
    dryRun: boolean;
    total: number;
    error: string | null;
    errors: { line: number; field: string; message: string }[];
  }

  /** What begins an automation. */
  interface Trigger {
    type: string;
    minutes?: number;
    days?: number;
    at?: string;
  }

  interface Condition {
    type: string;
    in?: string[];
    is?: string | boolean;
    atLeast?: number;
  }

  interface Action {
    type: string;
    templateId?: string;
    channels?: string[];
    title?: string;
    department?: string;
    priority?: string;
    assignee?: string;
    tag?: string;
    staff?: string[];
  }

  interface Automation {
    id: string;
    name: string;
    enabled: boolean;
    trigger: Trigger;
    conditions: Condition[];
    actions: Action[];
    perGuestPerDay: number;
    quietFrom: string | null;
    quietTo: string | null;
    updatedAt: string;
  }

  /** What an automation would do, or why not. */
  interface Foreseen {
    guestId: string | null;
    guestName: string | null;
    at: string | null;
    action: string;
    channel: Channel | null;
    content: string | null;
    reason: string | null;
    skippedBecause: string | null;
  }

  /** What has come of an action of an automation. */
  interface Run {
    id: string;
    at: string;
    subject: { type: "stay" | "conversation" | "task"; id: string };
    guestId: string | null;
    guestName: string | null;
    action: string;
    result: "done" | "skipped" | "failed";
    reason: string | null;
    because: string | null;
    messageId: string | null;
    messageStatus: Message["status"] | null;
    taskId: string | null;
  }

  /** A message template of WhatsApp's, with what it is filled in with. */
  interface WhatsAppTemplate {
    name: string;
    language: string;
    status: string;
    category: string;
    header: { type: string; text: string | null; parameters: TemplateParameter[] } | null;
    body: string;
    footer: string | null;
    buttons: { type: string; text: string | null; url: string | null; parameter: boolean }[];
    parameters: TemplateParameter[];
  }

  interface TemplateParameter {
    name: string;
    example: string | null;
  }

  interface Setting {
    key: string;
    value: any;
    updatedAt: string | null;
  }

  interface Actor {
    type: "staff" | "guest" | "integration" | "automation" | "system";
    id: string | null;
    name: string | null;
  }

  interface Event {
    seq: number;
    type: string;
    subjectId: string;
    conversationId: string | null;
    actorId: string | null;
    actor: Actor;
    changed: string[];
  }

  /** Something that is out of order. */
  interface Fault {
    kind: "mailbox" | "channel" | "webhook" | "disk" | "backup" | "clock";
    subjectId: string | null;
    since: string;
  }

  /** A line of the audit log. */
  interface Backup {
    id: string;
    reason: "nightly" | "asked";
    status: "queued" | "running" | "done" | "failed";
    file: string | null;
    bytes: number | null;
    counts: Record<string, number> | null;
    encrypted: boolean;
    error: string | null;
    copiedAt: string | null;
    copyError: string | null;
    createdAt: string;
    finishedAt: string | null;
  }

  interface AuditEntry {
    id: string;
    at: string;
    actor: Actor;
    action: string;
    subject: { type: string; id: string | null };
    changed: string[];
    ip: string | null;
    requestId: string | null;
  }
}
