// What the staff page keeps in its store, and what its components share.

declare namespace Staff {
  /** Of the inbox; `waiting`: only conversations in which a guest waits, longest first. */
  interface Filters {
    waiting: boolean;
    status: string;
    channel: string;
    assignee: string;
    unread: boolean;
    mentioned: boolean;
    snoozed: boolean;
    scheduled: boolean;
    search: string;
  }

  /** The inbox's list; `of` are the filters its rows were read with. */
  interface ConversationList {
    filters: Filters;
    of?: Filters;
    rows: Api.Conversation[] | null;
    total: number;
    loading: boolean;
    problem: string | null;
  }

  /**
   * A conversation that has been opened; `messages` oldest first, null before they are read; `stale`
   * when they have changed since.
   */
  interface Opened {
    conversation: Api.Conversation | null;
    messages: Api.Message[] | null;
    older: boolean;
    stale: boolean;
    problem: any;
  }

  interface TaskFilters {
    department: string;
    whose: string;
    done: boolean;
  }

  interface TaskList {
    filters: TaskFilters;
    rows: Api.Task[] | null;
    total: number;
    pages: number;
    problem: string | null;
  }

  type KnownGuest = Api.Guest & {
    tag: string | null;
    tasks: Api.Task[];
    stale: "" | "tasks" | "all";
  };

  interface Notice {
    undo: (() => void) | null;
    text: string;
    kind: string;
    href: string;
  }

  interface State {
    phase: "starting" | "out" | "in";
    me: Api.StaffMember;
    locked: string | null;
    mustSetUp: boolean;
    offline: boolean;
    waiting: boolean;
    help: boolean;
    route: { view: string; id: string | null; at: string | null };
    hotel: { name?: string; timeZone?: string };
    departments: Api.Department[];
    staff: Api.StaffMember[];
    counts: Api.Counts | null;
    faults: Api.Fault[] | null;
    list: ConversationList | null;
    conversations: Map<string, Opened>;
    guests: Map<string, KnownGuest>;
    quoted: Map<string, Api.Message>;
    tasks: TaskList | null;
    heard: { conversations: number; stays: number; tasks: number };
    notices: Notice[];
    announcement: string;
    leaving: (() => void) | null;
    edited: string | null;
  }

  /** A message in the send queue of this browser; `problem` is why the API refused it. */
  interface Queued {
    key: string;
    name: string;
    conversationId: string;
    content?: string;
    type: string;
    attachmentIds?: string[];
    replyTo?: string;
    sendAt?: string;
    cancelOnReply?: boolean;
    template?: {
      name: string;
      language: string;
      parameters?: string[] | Record<string, string>;
      header?: object;
      buttons?: object[];
    };
    at: string;
    after?: string;
    problem: string | null;
  }

  type ToSend = Pick<
    Queued,
    "content" | "type" | "attachmentIds" | "template" | "replyTo" | "sendAt" | "cancelOnReply"
  >;

  /**
   * What is not sent yet in a conversation: a text, whether it is a note, and uploaded files; `after`
   * is the latest message when it was begun.
   */
  interface Draft {
    text: string;
    note: boolean;
    files: Api.Attachment[];
    after: string | null;
  }

  type Values = Record<string, any>;

  /** An event that the reader is told of, and as what. */
  interface Told {
    kind: string;
    event: Api.Event;
    task?: Api.Task;
  }

  /** What a form gives its fields. */
  interface FormState {
    values: Values;
    wrong: Record<string, string>;
    set: (name: string) => (value: any) => void;
    put: (values: Values | ((before: Values) => Values)) => void;
  }
}
