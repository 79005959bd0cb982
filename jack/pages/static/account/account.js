// /setup and /invite: a one-time link becomes a password. The link's token is read from the address and kept nowhere;
// whoever has used it is signed in.

import { call, Refused } from "../shared/api.js";
import { onSubmit } from "../shared/form.js";
import { $, say, t } from "../shared/page.js";

const token = location.hash.slice(1);
const form = $("form");

function check(values) {
  const length = [...values.password].length;
  return {
    ...("name" in values && !values.name.trim() && { name: t("needName") }),
    ...("email" in values && !/^\S+@\S+$/.test(values.email.trim()) && { email: t("needEmail") }),
    ...((length < 12 || length > 128) && { password: t("needPassword") }),
    ...(values.again !== values.password && { again: t("needSame") }),
  };
}

async function send({ again, ...values }) {
  const { data } = await call("POST", document.body.dataset.call, { body: { ...values, token }, page: true });
  history.replaceState(null, "", location.pathname);
  localStorage.setItem("jack:who", data.user.id); // other windows of the staff's page take notice
  finish(data.user);
}

function explain(error) {
  if (!(error instanceof Refused)) return t("unreachable");
  const texts = { 401: "badToken", 409: "taken", 429: "tooMany", 503: "unreachable" };
  if (error.details.some(({ field }) => field === "token")) return t("badToken");
  return t(texts[error.status] ?? "failed");
}

function finish(user) {
  form.reset();
  $("ask").hidden = true;
  $("done").hidden = false;
  $("done-title").textContent = document.title = t("done", user);
  $("done-about").textContent = t("doneAbout", user);
  $("done-title").focus();
}

// Another link opened in the same tab changes only what is behind the #.
addEventListener("hashchange", () => location.hash && location.reload());

if (token) {
  onSubmit(form, { check, send, explain });
  form.hidden = false;
} else {
  say($("problem"), t("noToken"));
}
