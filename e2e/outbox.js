// Mail that the server left as `.eml` files in its folder instead of sending it.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "./until.js";

const PROMPT_MS = 10_000;

export class Outbox {
  // `folder`: the data folder of a server whose configuration has `Outbox.configuration`.
  constructor(folder) {
    this.folder = join(folder, "outbox");
    this.read = new Set();
  }

  // What to add to `anturazh.toml`.
  static configuration(folder) {
    return `[mail]\nfrom = "hello@agency.example"\nfolder = ${JSON.stringify(join(folder, "outbox"))}\n`;
  }

  // The next letter to that address that was not asked for yet: `headers` as one text, `text` decoded.
  async next(address) {
    return until(`a letter to ${address}`, () => this.find(address), PROMPT_MS);
  }

  async find(address) {
    const files = (await readdir(this.folder).catch(() => [])).filter((file) => file.endsWith(".eml"));
    for (const file of files.sort()) {
      if (this.read.has(file)) continue;
      const letter = parse(await readFile(join(this.folder, file), "latin1"));
      if (!letter.headers.includes(address)) continue;
      this.read.add(file);
      return letter;
    }
    return null;
  }
}

function parse(raw) {
  const [head, ...body] = raw.replaceAll("\r\n", "\n").split("\n\n");
  const headers = head.replace(/\n[ \t]+/g, " ");
  const encoding = /^content-transfer-encoding: *(\S+)/im.exec(headers)?.[1].toLowerCase() ?? "8bit";
  return { headers, text: decoded(body.join("\n\n"), encoding) };
}

function decoded(body, encoding) {
  if (encoding === "base64") return Buffer.from(body, "base64").toString();
  if (encoding !== "quoted-printable") return Buffer.from(body, "latin1").toString();
  const joined = body.replace(/=\n/g, "");
  return Buffer.from(joined.replace(/=([0-9A-F]{2})/gi, (_, byte) => String.fromCharCode(parseInt(byte, 16))), "latin1").toString();
}
