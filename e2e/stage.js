// All that a test of the tracker needs: server, recorder before it, a shop on another origin, a browser.

import { after, before } from "node:test";
import { Anturazh, missing } from "./anturazh.js";
import { browser, visitor } from "./browser.js";
import { Recorder } from "./recorder.js";
import { Shop } from "./shop.js";

// Sets the stage before the tests of a file and clears it after them. Options: `cookie`, whether the site's manifest
// allows the visitor's cookie. The stage is filled in when the first test starts.
export function stage({ cookie = true } = {}) {
  const stage = {};
  const manifest = cookie ? [] : [["site", "collection", "shop.example", "--deny", "visitor_cookie"]];

  before(async () => {
    if (!missing) stage.server = await Anturazh.start({ commands: manifest });
    stage.recorder = await Recorder.start({ upstream: stage.server?.address, cookie });
    stage.stats = `http://stats.example:${stage.recorder.port}`;
    stage.shop = await Shop.start(`${stage.stats}/a.js?site=shop.example`);
    stage.origin = `http://shop.example:${stage.shop.port}`;
    stage.browser = await browser();
  });

  after(async () => {
    await stage.browser?.close();
    stage.shop?.stop();
    stage.recorder?.stop();
    await stage.server?.stop();
  });

  // A new visitor's page, with what was recorded of earlier ones forgotten. `options` as in `newContext`.
  stage.visit = async (path, options) => {
    stage.recorder.fail(null);
    stage.recorder.hits.length = 0;
    const context = await visitor(stage.browser, options);
    const page = await context.newPage();
    page.errors = [];
    page.on("pageerror", (error) => page.errors.push(error));
    if (path) await page.goto(path.startsWith("http") ? path : stage.origin + path);
    return page;
  };

  return stage;
}
