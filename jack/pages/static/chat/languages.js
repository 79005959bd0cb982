// The languages of the chat, each by its own name. Another one is another page, which is loaded;
// what is half written is stored.

import { memory } from "./memory.js";
import { report } from "./panel.js";
import { $, language } from "../shared/page.js";

const choice = $("language");
const tags = (document.body.dataset.languages ?? "").split(" ");

/** @param {string} tag */
function nameOf(tag) {
  const name = new Intl.DisplayNames(tag, { type: "language" }).of(tag) ?? tag;
  return name[0].toLocaleUpperCase(tag) + name.slice(1);
}

/** Shows the chat in the language the guest has chosen, if it is in another one. */
export function speak() {
  const tag = memory.language ?? language;
  if (tag === language || !tags.includes(tag)) return;
  const query = new URLSearchParams(location.search);
  query.set("language", tag);
  location.replace(`?${query}`);
}

for (const [name, tag] of tags.map((one) => [nameOf(one), one]).sort()) {
  const option = new Option(name, tag, false, tag === language);
  option.lang = tag;
  choice.append(option);
}
choice.addEventListener("change", () => {
  memory.language = choice.value;
  report({ language: choice.value });
  speak();
});
