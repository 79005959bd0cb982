// What the page says when its scripts could not be loaded: without them it would stay empty. It
// imports nothing, for that might be what is missing, and runs before app.js does.

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
