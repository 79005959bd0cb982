// How many SMS a text costs, counted as `jack/channels/text_split.py` does.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿" +
    "abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("\f^{}\\[~]|€");
// What is white space to the server.
const BLANK =
  "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const INLINE =
  "[\\t\\v-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const BREAKS = [
  new RegExp(`\\n${INLINE}*\\n${BLANK}*|\\n`, "gu"),
  new RegExp(`[.!?…]["'”’»)]*${BLANK}+|[。！？]${BLANK}*`, "gu"),
  new RegExp(`${BLANK}+`, "gu"),
];
const LEADING = new RegExp(`^${BLANK}+`, "u");
const TRAILING = new RegExp(`${BLANK}+$`, "u");
const LONGEST = 1500;
const LONGEST_CLUSTER = 64;

/** @param {string} char */
const isOutside = (char) => !BASIC.has(char) && !EXTENSION.has(char);

/**
 * What a text costs: `segments`, and the first of the characters that make it more than it would
 * cost without accents and emoji of their kind.
 * @param {string} text
 * @param {boolean} files what has files leaves as one MMS
 */
export function cost(text, files) {
  const segments = paid(text, files);
  const outside = [...new Set(text)].filter(isOutside);
  const plain = [...text].map((char) => (isOutside(char) ? "a" : char)).join("");
  const because = paid(plain, files) < segments ? outside.slice(0, 3) : [];
  return { segments, because };
}

/**
 * @param {string} text
 * @param {boolean} files
 */
function paid(text, files) {
  const [first = "", ...others] = split(text);
  return others.reduce((sum, part) => sum + inOne(part), files ? 1 : inOne(first));
}

/** @param {string} text */
function inOne(text) {
  const chars = [...text];
  const wide = chars.some(isOutside);
  const [alone, joined] = wide ? [70, 67] : [160, 153];
  const costs = chars.map((char) => (wide ? char.length : EXTENSION.has(char) ? 2 : 1));
  if (costs.reduce((sum, one) => sum + one, 0) <= alone) return 1;
  let count = 1;
  let used = 0;
  for (const one of costs) {
    if (used + one > joined) [count, used] = [count + 1, 0]; // what takes two is never split
    used += one;
  }
  return count;
}

/**
 * The parts in which a text leaves.
 * @param {string} text
 */
function split(text) {
  const parts = [];
  let rest = text;
  while (rest.length > LONGEST) {
    const chars = [...rest];
    const at = cut(chars);
    const part = chars.slice(0, at).join("").replace(TRAILING, "");
    rest = chars.slice(at).join("").replace(LEADING, "");
    if (part) parts.push(part);
  }
  return rest || !parts.length ? [...parts, rest] : parts;
}

/** @param {string[]} chars */
function cut(chars) {
  const size = prefixLength(chars);
  const start = chars.slice(0, size + 1).join("");
  for (const pattern of BREAKS) {
    const last = [...start.matchAll(pattern)].at(-1);
    const end = last ? [...start.slice(0, last.index + last[0].length)].length : 0;
    if (last && end >= Math.floor(size / 2)) return end;
  }
  return clusterBoundary(chars, size);
}

/**
 * How many characters from the beginning fit into one part.
 * @param {string[]} chars
 */
function prefixLength(chars) {
  let used = 0;
  const over = chars.findIndex((char) => (used += char.length) > LONGEST);
  return over < 0 ? chars.length : Math.max(over, 1);
}

/**
 * The last place up to `size` that separates no accent or joined emoji from what it modifies.
 * @param {string[]} chars
 * @param {number} size
 */
function clusterBoundary(chars, size) {
  for (let at = size; at > Math.max(0, size - LONGEST_CLUSTER); at -= 1) {
    const modifies = /^(\p{M}|\u200d|\p{Emoji_Modifier})/u.test(chars[at] ?? "");
    if (!modifies && chars[at - 1] !== "\u200d") return at;
  }
  return size;
}
