// Stands between browsers and the server: writes down every hit, passes it on, and fails on demand.
// Without a binary to pass on to, answers as the server does, so that the tracker can be worked on alone.

import { readFileSync } from "node:fs";
import http from "node:http";
import { listening } from "./listening.js";
import { until } from "./until.js";

const SCRIPT = new URL("../tracker/a.min.js", import.meta.url);
const GIF = Buffer.from("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==", "base64");

export class Recorder {
  // `upstream`: address of the running binary, or nothing. `cookie`: whether the script may set the visitor's cookie.
  static async start({ upstream, cookie = true } = {}) {
    const recorder = new Recorder();
    Object.assign(recorder, { upstream, cookie, hits: [], seen: 0, failing: null });
    recorder.server = http.createServer((request, response) => recorder.answer(request, response));
    recorder.port = await listening(recorder.server);
    return recorder;
  }

  // What to do to hits from now on: a status to answer with, "cut" to hang up, null to be well again.
  fail(how) {
    this.failing = how;
  }

  // The next hit of that name not yet asked for, in order of arrival among its name.
  async next(name) {
    return until(`a hit \`${name}\``, () => {
      const hit = this.hits.find((h) => !h.asked && h.event.name === name);
      if (hit) hit.asked = true;
      return hit?.event;
    });
  }

  // Names of all hits so far, those of failed deliveries left out.
  names() {
    return this.hits.map((hit) => hit.event.name);
  }

  async answer(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { pathname, searchParams } = new URL(request.url, "http://stats.example");
    const counted = ["/api/v1/events", "/api/event", "/p.gif"].includes(pathname) && request.method !== "OPTIONS";
    if (counted && this.failing) {
      if (this.failing === "cut") return request.socket.destroy();
      response.writeHead(this.failing, { "access-control-allow-origin": "*" }).end();
      return;
    }
    const answer = this.upstream ? await this.forward(request, body) : this.alone(pathname);
    if (counted) this.hits.push({ path: pathname, event: read(pathname, searchParams, body), request, ...answer });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  alone(pathname) {
    const headers = { "access-control-allow-origin": "*" };
    switch (pathname) {
      case "/a.js": {
        const script = readFileSync(SCRIPT, "utf8").replace("__COOKIE__", this.cookie ? "1" : "0");
        return { status: 200, headers: { ...headers, "content-type": "text/javascript" }, body: script };
      }
      case "/p.gif":
        return { status: 200, headers: { ...headers, "content-type": "image/gif" }, body: GIF };
      case "/api/v1/events":
        return { status: 202, headers, body: '{"accepted":1,"dropped":{}}' };
      case "/api/event":
        return { status: 202, headers, body: "ok" };
      default:
        return { status: 404, headers, body: "" };
    }
  }

  forward(request, body) {
    return new Promise((resolve, reject) => {
      const { method, headers } = request;
      const onward = http.request(new URL(request.url, this.upstream), { method, headers }, async (response) => {
        const chunks = [];
        for await (const chunk of response) chunks.push(chunk);
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
      });
      onward.on("error", reject).end(body);
    });
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

function read(pathname, parameters, body) {
  if (pathname !== "/p.gif") return JSON.parse(body.toString());
  return parameters.has("event") ? JSON.parse(parameters.get("event")) : { name: "page_view", ...Object.fromEntries(parameters) };
}
