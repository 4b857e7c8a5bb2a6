// How events get through: fetch, beacon, pixel, and what happens when none of them does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "../stage.js";
import { until } from "../until.js";

const on = stage();

const queue = (page) => page.evaluate(() => JSON.parse(localStorage.anturazh_queue ?? "[]").map((event) => event.name));

for (const [what, how] of [["refuses for now", 503], ["asks for patience", 429], ["hangs up", "cut"]]) {
  test(`when the server ${what}, events are kept for the next page and come once`, async () => {
    on.shop.page("/trouble");
    const page = await on.visit(null);
    on.recorder.fail(how);
    await page.goto(`${on.origin}/trouble`);
    await page.evaluate(() => anturazh("signup", { plan: "pro" }));
    await until("both events to be kept", async () => (await queue(page)).length === 2);
    assert.ok(!JSON.stringify(await page.evaluate(() => localStorage.anturazh_queue)).includes("visitor"));
    assert.deepEqual(on.recorder.names(), []);
    on.recorder.fail(null);
    await page.reload();
    const late = await on.recorder.next("signup");
    assert.deepEqual(late.properties, { plan: "pro" });
    assert.ok(late.age_ms > 0 && late.age_ms < 60_000);
    await until("all events", () => on.recorder.hits.length === 3);
    assert.deepEqual(on.recorder.names().sort(), ["page_view", "page_view", "signup"]);
    assert.equal(new Set(on.recorder.hits.map((hit) => hit.event.id)).size, 3);
    assert.equal(await page.evaluate(() => localStorage.anturazh_queue), undefined);
  });
}

test("what happens offline is told when the connection is back", async () => {
  on.shop.page("/train");
  const page = await on.visit("/train");
  await on.recorder.next("page_view");
  await page.context().setOffline(true);
  await page.evaluate(() => (anturazh("tunnel"), history.pushState({}, "", "/train/2")));
  await until("both events to be kept", async () => (await queue(page)).length === 2);
  await page.context().setOffline(false);
  await on.recorder.next("tunnel");
  assert.equal((await on.recorder.next("page_view")).url, `${on.origin}/train/2`);
  assert.equal(await page.evaluate(() => localStorage.anturazh_queue), undefined);
});

test("no more than 50 events are kept, the latest", async () => {
  on.shop.page("/many");
  const page = await on.visit("/many");
  await on.recorder.next("page_view");
  on.recorder.fail(503);
  await page.evaluate(() => Array.from({ length: 60 }, (_, i) => anturazh(`event_${i}`)));
  await until("the last to be kept", async () => (await queue(page)).includes("event_59"));
  await page.evaluate(() => anturazh("last"));
  await until("the last to be kept", async () => (await queue(page)).includes("last"));
  assert.equal((await queue(page)).length, 50);
});

test("a hit the server refuses for good is not sent again", async () => {
  on.shop.page("/bad");
  const page = await on.visit("/bad");
  await on.recorder.next("page_view");
  on.recorder.fail(400);
  const answered = page.waitForResponse((response) => response.status() === 400);
  await page.evaluate(() => anturazh("bad"));
  await answered;
  on.recorder.fail(null);
  await page.evaluate(() => anturazh("last"));
  await on.recorder.next("last");
  assert.deepEqual(await queue(page), []);
  assert.deepEqual(on.recorder.names(), ["page_view", "last"]);
});

test("a browser whose fetch does not outlive the page sends a beacon", async () => {
  on.shop.page("/beacon");
  const page = await on.visit();
  await page.addInitScript(() => delete Request.prototype.keepalive);
  await page.addInitScript(() => (window.fetch = () => { throw new Error("not to be called"); }));
  await page.goto(`${on.origin}/beacon`);
  await on.recorder.next("page_view");
  assert.match(on.recorder.hits[0].request.headers["content-type"], /^text\/plain/);
});

test("where the page's own rules forbid both, a pixel carries the whole event", async () => {
  on.shop.page("/strict", {
    headers: { "content-security-policy": `default-src 'self' 'unsafe-inline'; script-src ${on.stats} 'unsafe-inline'; img-src ${on.stats} data:; connect-src 'none'` },
  });
  const page = await on.visit("/strict");
  const view = await on.recorder.next("page_view");
  assert.equal(on.recorder.hits[0].path, "/p.gif");
  assert.equal(view.url, `${on.origin}/strict`);
  await page.evaluate(() => anturazh("purchase", { order_id: "Б-1", revenue: 10, currency: "EUR" }));
  assert.deepEqual((await on.recorder.next("purchase")).purchase, { order_id: "Б-1", revenue: 10, currency: "EUR" });
  assert.deepEqual(await queue(page), []);
});

test("the pixel of a page without scripts counts a view", async () => {
  const pixel = `${on.stats}/p.gif?site=shop.example`;
  on.shop.page("/plain", { body: `<noscript><img src="${pixel}" alt="" width="1" height="1" referrerpolicy="no-referrer-when-downgrade"></noscript>` });
  await on.visit("/plain", { javaScriptEnabled: false });
  const view = await on.recorder.next("page_view");
  assert.equal(view.site, "shop.example");
  assert.equal(on.recorder.hits[0].request.headers.referer, `${on.origin}/plain`);
});

test("a page that may keep nothing is counted all the same", async () => {
  on.shop.page("/poor");
  const page = await on.visit();
  await page.addInitScript(() =>
    Object.defineProperty(window, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } }));
  await page.goto(`${on.origin}/poor`);
  await on.recorder.next("page_view");
  await page.evaluate(() => (anturazh("optout"), anturazh("unheard"), anturazh("optin"), anturazh("heard")));
  await on.recorder.next("heard");
  assert.deepEqual(on.recorder.names(), ["page_view", "heard"]);
  assert.deepEqual(page.errors, []);
});
