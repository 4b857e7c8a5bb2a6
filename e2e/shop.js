// A web site that uses the tracker: pages made on the spot, files of npm packages under /npm/.

import { readFile } from "node:fs/promises";
import http from "node:http";
import { listening } from "./listening.js";

const PACKAGES = new URL("./node_modules/", import.meta.url);

export class Shop {
  // `script`: address of the tracker, with `?site=`.
  static async start(script) {
    const shop = new Shop();
    Object.assign(shop, { script, pages: new Map() });
    shop.server = http.createServer((request, response) => shop.answer(request, response));
    shop.port = await listening(shop.server);
    return shop;
  }

  // Puts up a page. `attributes` go on the tracker's tag, `head` comes before it; `tracker: false` leaves it out.
  page(path, { title = path, head = "", attributes = "", body = "", tracker = true, headers = {} } = {}) {
    const tag = tracker ? `<script defer src="${this.script}" ${attributes}></script>` : "";
    const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
      <link rel="icon" href="data:,">${head}${tag}</head><body>${body}</body></html>`;
    this.pages.set(path, { html, headers });
    return this;
  }

  async answer(request, response) {
    const { pathname } = new URL(request.url, "http://shop.example");
    if (pathname.startsWith("/npm/")) return this.package(pathname.slice("/npm/".length), response);
    const page = this.pages.get(pathname);
    response.writeHead(page ? 200 : 404, { "content-type": "text/html; charset=utf-8", ...page?.headers });
    response.end(page?.html ?? "no such page");
  }

  // Modules inside npm packages leave out `.js`.
  async package(path, response) {
    for (const name of [path, `${path}.js`]) {
      const file = new URL(name, PACKAGES);
      if (!file.href.startsWith(PACKAGES.href)) break;
      const bytes = await readFile(file).catch(() => null);
      if (bytes) return response.writeHead(200, { "content-type": "text/javascript" }).end(bytes);
    }
    response.writeHead(404).end();
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
