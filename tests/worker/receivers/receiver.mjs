// A receiver's check of a webhook, as a program of the hotel's would make it.
// Reads {secret, headers, body} and says ok or refused.
import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import process from "node:process";

const { secret, headers, body } = JSON.parse(readFileSync(0, "utf8"));

/** @param {string} one @param {string} other */
const same = (one, other) =>
    one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
const standard = `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
const plain = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
const good =
    headers["webhook-signature"]
        .split(" ")
        .some((/** @type {string} */ one) => same(one, standard)) &&
    same(headers["x-jack-signature"], plain);
process.stdout.write(good ? "ok" : "refused");
