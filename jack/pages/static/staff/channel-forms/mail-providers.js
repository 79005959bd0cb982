// Where a mailbox is: what providers call their servers, and what they take as a password.

/**
 * @typedef {{ name: string, smtp: Server, imap: Server, needs: "appPassword" | "mailbox" | "token",
 *   host?: RegExp }} Provider
 * @typedef {[host: string, port: number, security: "tls" | "starttls"]} Server
 */

/** @type {(smtp: string, imap: string, needs: Provider["needs"]) => Omit<Provider, "name">} */
const tls = (smtp, imap, needs) => ({ smtp: [smtp, 465, "tls"], imap: [imap, 993, "tls"], needs });

/** @type {(smtp: string, imap: string, needs: Provider["needs"]) => Omit<Provider, "name">} */
const starttls = (smtp, imap, needs) => ({
  ...tls("", imap, needs),
  smtp: [smtp, 587, "starttls"],
});

/**
 * By the providers' own pages of help, as of 2026; Microsoft takes no passwords by IMAP any more.
 * @type {Record<string, Provider>}
 */
export const PROVIDERS = {
  gmail: {
    name: "Gmail, Google Workspace",
    ...tls("smtp.gmail.com", "imap.gmail.com", "appPassword"),
  },
  microsoft365: {
    name: "Microsoft 365",
    ...starttls("smtp.office365.com", "outlook.office365.com", "token"),
  },
  outlook: {
    name: "Outlook.com, Hotmail",
    ...starttls("smtp-mail.outlook.com", "outlook.office365.com", "token"),
  },
  yahoo: { name: "Yahoo", ...tls("smtp.mail.yahoo.com", "imap.mail.yahoo.com", "appPassword") },
  icloud: { name: "iCloud", ...starttls("smtp.mail.me.com", "imap.mail.me.com", "appPassword") },
  ionos: { name: "IONOS", ...tls("smtp.ionos.com", "imap.ionos.com", "mailbox") },
  ovh: { name: "OVH", ...tls("ssl0.ovh.net", "ssl0.ovh.net", "mailbox") },
  zoho: { name: "Zoho", ...tls("smtppro.zoho.com", "imappro.zoho.com", "appPassword") },
  fastmail: { name: "Fastmail", ...tls("smtp.fastmail.com", "imap.fastmail.com", "appPassword") },
  strato: { name: "Strato", ...tls("smtp.strato.de", "imap.strato.de", "mailbox") },
  hostinger: { name: "Hostinger", ...tls("smtp.hostinger.com", "imap.hostinger.com", "mailbox") },
};

/**
 * The provider whose servers stand in a form; "" before there are any, "other" for others.
 * @param {Staff.Values} values
 */
export function providerOf(values) {
  const hosts = [values["smtp.host"], values["imap.host"]];
  if (!hosts.some(Boolean)) return "";
  const known = Object.entries(PROVIDERS).find(
    ([, { smtp, imap }]) => smtp[0] === hosts[0] && imap[0] === hosts[1],
  );
  return known?.[0] ?? "other";
}

/**
 * What choosing a provider fills in.
 * @param {string} id
 * @returns {Staff.Values}
 */
export function filledIn(id) {
  const provider = PROVIDERS[id];
  if (!provider) return {};
  const servers = /** @type {const} */ (["smtp", "imap"]).flatMap((name) => {
    const [host, port, security] = provider[name];
    return [
      [`${name}.host`, host],
      [`${name}.port`, port],
      [`${name}.security`, security],
    ];
  });
  const auth = provider.needs === "token" ? "xoauth2" : "password";
  return { ...Object.fromEntries(servers), auth, enabled: true };
}
