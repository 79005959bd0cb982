// Marks words in the messages that are shown, without touching what shows them.

import { useEffect } from "../preact.js";

const NAME = "found"; // in find.css
const WORD = /[\p{L}\p{N}]/u;
/** Letters that Unicode does not take apart, as the server's index has them. */
const LETTERS = /** @type {Record<string, string>} */ ({
  æ: "ae",
  ð: "d",
  đ: "d",
  ħ: "h",
  ı: "i",
  ł: "l",
  ø: "o",
  œ: "oe",
  ß: "ss",
  þ: "th",
});

/** @param {string} sign without case and accents */
function folded(sign) {
  const plain = sign.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  return LETTERS[plain] ?? plain;
}

/**
 * Where words stand in a text: each at the beginning of one of its words.
 * @param {string} text
 * @param {string[]} words folded
 * @returns {[start: number, end: number][]}
 */
export function places(text, words) {
  let plain = "";
  /** @type {number[]} */
  const origin = []; // of each character of `plain`, where it comes from
  let at = 0;
  for (const sign of text) {
    const part = folded(sign);
    plain += part;
    for (let place = 0; place < part.length; place += 1) origin.push(at);
    at += sign.length;
  }
  origin.push(at);
  /** @type {[number, number][]} */
  const found = [];
  for (const word of words) {
    for (let from = plain.indexOf(word); from >= 0; from = plain.indexOf(word, from + 1)) {
      if (!from || !WORD.test(plain[from - 1])) {
        found.push([origin[from], origin[from + word.length]]);
      }
    }
  }
  return found;
}

/** @param {string[]} words */
function mark(words) {
  /** @type {Range[]} */
  const ranges = [];
  for (const text of document.querySelectorAll(".log .message > .text")) {
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (const [start, end] of places(node.nodeValue ?? "", words)) {
        const range = new Range();
        range.setStart(node, start);
        range.setEnd(node, end);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set(NAME, new Highlight(...ranges));
}

/**
 * Marks these words in the log, also in what comes into it, until there are others.
 * @param {string} search
 */
export function useMarks(search) {
  useEffect(() => {
    const words = [...search].map(folded).join("").split(/\s+/u).filter(Boolean);
    const log = document.querySelector(".log-box");
    if (!log || !words.length || !("highlights" in CSS)) return; // an older browser shows which one
    const again = () => mark(words);
    const changes = new MutationObserver(again);
    changes.observe(log, { childList: true, subtree: true, characterData: true });
    again();
    return () => {
      changes.disconnect();
      CSS.highlights.delete(NAME);
    };
  }, [search]);
}
