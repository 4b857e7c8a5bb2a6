// What the visitor allows: the cookie only after consent, refusals and Global Privacy Control heeded, opting out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "../stage.js";

const on = stage();

// Browsers take a cookie marked `secure` from this host even without encryption.
const local = (path) => `http://localhost:${on.shop.port}${path}`;
const cookies = async (page) => (await page.context().cookies()).filter((cookie) => cookie.name === "_anturazh");
const kept = (page) => page.evaluate(() => ({ ...localStorage }));

test("without a word from the visitor nothing is put into the browser", async () => {
  on.shop.page("/silent");
  const page = await on.visit(local("/silent"));
  const event = await on.recorder.next("page_view");
  assert.equal(event.visitor, undefined);
  assert.equal(event.consent, undefined);
  assert.deepEqual(await cookies(page), []);
  assert.deepEqual(await kept(page), {});
});

test("after consent a cookie names the visitor for 13 months at most; refusal removes it", async () => {
  on.shop.page("/consent");
  const page = await on.visit(local("/consent"));
  await on.recorder.next("page_view");
  await page.evaluate(() => anturazh("consent", "granted"));
  const [cookie] = await cookies(page);
  assert.ok(cookie.secure && cookie.sameSite === "Lax" && cookie.path === "/");
  const days = (cookie.expires - Date.now() / 1_000) / 86_400;
  assert.ok(days > 390 && days < 396, `${days} days`);
  assert.match(cookie.value, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

  await page.reload();
  const event = await on.recorder.next("page_view");
  assert.deepEqual([event.visitor, event.consent], [cookie.value, "granted"]);
  assert.deepEqual(await cookies(page), [cookie], "neither renewed nor changed");

  await page.evaluate(() => anturazh("consent", "denied"));
  assert.deepEqual(await cookies(page), []);
  await page.reload();
  const refused = await on.recorder.next("page_view");
  assert.deepEqual([refused.visitor, refused.consent], [undefined, "denied"]);
  assert.deepEqual(await kept(page), { anturazh_consent: "denied" });
});

test("consent given on the tag counts, a refusal in either place wins", async () => {
  on.shop.page("/tag", { attributes: 'data-consent="granted"' });
  on.shop.page("/untag", { attributes: 'data-consent="denied"' });
  const page = await on.visit(local("/tag"));
  assert.ok((await on.recorder.next("page_view")).visitor);
  await page.goto(local("/untag"));
  assert.deepEqual((await on.recorder.next("page_view")).consent, "denied");
  assert.deepEqual(await cookies(page), []);
  await page.evaluate(() => anturazh("consent", "granted"));
  await page.reload();
  assert.deepEqual((await on.recorder.next("page_view")).consent, "denied");
  await page.evaluate(() => anturazh("consent", "no such word"));
  await page.goto(local("/tag"));
  const event = await on.recorder.next("page_view");
  assert.deepEqual([event.visitor, event.consent], [undefined, "denied"], "what is not a yes is a no");
});

test("Global Privacy Control is a refusal that no consent overrules", async () => {
  on.shop.page("/gpc", { attributes: 'data-consent="granted"' });
  const page = await on.visit(null, { extraHTTPHeaders: { "Sec-GPC": "1" } });
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { value: true }));
  await page.goto(local("/gpc"));
  await page.evaluate(() => anturazh("consent", "granted"));
  await page.reload();
  for (let i = 0; i < 2; i++) {
    const event = await on.recorder.next("page_view");
    assert.deepEqual([event.visitor, event.consent], [undefined, "denied"]);
  }
  assert.deepEqual(await cookies(page), []);
});

test("after opting out nothing is sent until opting in", async () => {
  on.shop.page("/out", { attributes: 'data-consent="granted"' });
  const page = await on.visit(local("/out"));
  await on.recorder.next("page_view");
  on.recorder.fail(503);
  await page.evaluate(() => anturazh("undelivered"));
  await page.waitForFunction(() => localStorage.anturazh_queue);
  on.recorder.fail(null);
  await page.evaluate(() => anturazh("optout"));
  assert.deepEqual(await cookies(page), []);
  assert.deepEqual(Object.keys(await kept(page)), ["anturazh_optout"]);
  await page.reload();
  await page.evaluate(() => anturazh("unheard"));
  await page.evaluate(() => anturazh("consent", "granted"));
  await page.reload();
  assert.deepEqual(await cookies(page), []);
  await page.evaluate(() => (anturazh("optin"), anturazh("heard")));
  await on.recorder.next("heard");
  assert.deepEqual(on.recorder.names(), ["page_view", "heard"]);
});
