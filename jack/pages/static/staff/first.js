// What runs while the other scripts are on their way. It imports nothing, for that might be what is
// missing: it says so when they could not be loaded, and makes the calls a visit begins with.

const API = new URL("../../../api/v1", import.meta.url).pathname;
const PATIENCE = 15_000;
/** Which event is the last one. */
export const LATEST_EVENT = `/events?after=${2 ** 53}&limit=1`;

const calls = new Map(["/auth/me", LATEST_EVENT].map((path) => [path, ask(path)]));

/** @param {string} path */
function ask(path) {
  const response = fetch(API + path, {
    headers: { Accept: "application/json", "X-Jack-Page": "1" },
    credentials: "same-origin",
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE),
  });
  response.catch(() => {}); // whoever takes it is told
  return response;
}

/**
 * The response to a call that has been made already, for the first who asks.
 * @param {string} path
 */
export function early(path) {
  const response = calls.get(path);
  calls.delete(path);
  return response;
}

const texts = JSON.parse(document.body.dataset.texts ?? "{}");

addEventListener(
  "error",
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement)) return;
    const problem = document.createElement("p");
    problem.className = "notice bad";
    problem.setAttribute("role", "alert");
    problem.textContent = texts.unreachable;
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = texts.tryAgain;
    again.addEventListener("click", () => location.reload());
    const card = document.createElement("main");
    card.className = "card";
    card.append(problem, again);
    document.getElementById("app")?.replaceChildren(card);
  },
  true,
);
