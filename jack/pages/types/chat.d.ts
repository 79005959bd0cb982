// What the chat's scripts share.

declare namespace Chat {
  /** A message to send; `at` is when it was written. */
  interface Queued {
    key: string;
    content: string;
    at: string;
    refused?: boolean;
  }

  interface Who {
    name?: string;
    email?: string;
  }

  /** What the chat stores on the guest's device. */
  interface Memory {
    /** The session's token. */
    token: string | null;
    /** Name and e-mail of the guest, {} when they skipped it, null before they were asked. */
    who: Who | null;
    /** The language the guest has chosen. */
    language: string | null;
    /** The unsent text. */
    draft: string;
    /** Messages to send, in order. */
    readonly queue: Queued[];
    add(content: string): void;
    drop(key: string): void;
    refuse(key: string): void;
  }

  /** What the connection tells the page. */
  interface Listener {
    state(name: string): void;
    messages(list: Api.Message[]): void;
    seen(id: string | null): void;
    sent(key: string, message: Api.Message): void;
    refused(): void;
    restarted(): void;
    isRead(): boolean;
  }

  /** Opening hours of a day: "07:00". */
  type Hours = Record<string, { from: string; to: string }[]>;

  /** Day of the week, Sunday 0, and minute of the day. */
  interface Moment {
    day: number;
    minute: number;
  }

  /** Of widget-parts.js. */
  interface Parts {
    ink(hex: string): string;
    make<Tag extends keyof HTMLElementTagNameMap>(
      tag: Tag,
      className?: string,
      words?: string,
    ): HTMLElementTagNameMap[Tag];
    icon(path: string): SVGSVGElement;
  }

  /** What the server puts into widget.js. */
  interface Hotel {
    enabled: boolean;
    title: string;
    colour: string | null;
    language: string;
    style: string;
    aliases: Record<string, string>;
    rtl: string[];
    open: Record<string, string>;
    texts: Record<string, string>;
  }
}

interface Window {
  JackChat?: { open: () => void; close: () => void };
}

declare const SwaggerUIBundle: (options: object) => void;
