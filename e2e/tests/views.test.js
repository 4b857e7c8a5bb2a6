// Page views, in plain sites and single-page apps.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "../stage.js";

const on = stage();

test("a page view says what, where and whence", async () => {
  on.shop.page("/shoes", { title: "Shoes" });
  const page = await on.visit();
  await page.goto(`${on.origin}/shoes?utm_source=letter`, { referer: "https://search.example/" });
  const { id, age_ms, referrer, ...event } = await on.recorder.next("page_view");
  assert.deepEqual(event, {
    site: "shop.example",
    name: "page_view",
    url: `${on.origin}/shoes?utm_source=letter`,
    title: "Shoes",
    interactive: true,
    screen: 1920,
  });
  assert.match(id, /^[0-9a-f.-]{8,64}$/);
  assert.ok(age_ms < 1_000);
  assert.match(referrer, /^https:\/\/search\.example\//);
  assert.deepEqual(page.errors, []);
});

test("moving between paths of a single-page app counts, other changes of the address do not", async () => {
  on.shop.page("/app");
  const page = await on.visit("/app");
  await on.recorder.next("page_view");
  const move = async (how, to) => {
    await page.evaluate(([how, to]) => {
      history[how]({}, "", to);
      setTimeout(() => (document.title = to));
      // The tracker looks at the address 99 ms after it changed; timers fire in the order of their times.
      return new Promise((resolve) => setTimeout(resolve, 150));
    }, [how, to]);
  };
  await move("pushState", "/app?sort=price");
  await move("replaceState", "/app#top");
  await move("pushState", "/app/cart");
  const cart = await on.recorder.next("page_view");
  assert.equal(cart.url, `${on.origin}/app/cart`);
  assert.equal(cart.referrer, `${on.origin}/app`);
  assert.equal(cart.title, "/app/cart", "the title that came after the address");
  await move("replaceState", "/app/pay");
  assert.equal((await on.recorder.next("page_view")).url, `${on.origin}/app/pay`);
  await page.goBack();
  assert.equal((await on.recorder.next("page_view")).url, `${on.origin}/app#top`);
  assert.equal(on.recorder.names().length, 4);
  assert.deepEqual(await page.evaluate(() => history.state), {});
});

test("in hash mode the fragment is the path", async () => {
  on.shop.page("/hash", { attributes: "data-hash" });
  const page = await on.visit("/hash?utm_source=letter#/cart");
  assert.equal((await on.recorder.next("page_view")).url, `${on.origin}/hash%23/cart?utm_source=letter`);
  await page.evaluate(() => (location.hash = "#/pay"));
  assert.equal((await on.recorder.next("page_view")).url, `${on.origin}/hash%23/pay?utm_source=letter`);
});

test("a page shown again from the browser's memory is viewed again", async () => {
  on.shop.page("/again");
  const page = await on.visit("/again");
  await on.recorder.next("page_view");
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: false })));
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await on.recorder.next("page_view");
  assert.equal(on.recorder.names().length, 2);
});

test("a page made ready ahead of time counts when it is looked at", async () => {
  on.shop.page("/ahead");
  const page = await on.visit();
  await page.addInitScript(() => Object.defineProperty(document, "prerendering", { value: true, configurable: true }));
  await page.goto(`${on.origin}/ahead`);
  assert.deepEqual(on.recorder.names(), []);
  await page.evaluate(() => document.dispatchEvent(new Event("prerenderingchange")));
  await on.recorder.next("page_view");
});

test("the script put in twice counts once", async () => {
  on.shop.page("/twice", { head: `<script defer src="${on.shop.script}"></script>` });
  const page = await on.visit("/twice");
  await page.evaluate(() => anturazh("last"));
  await on.recorder.next("last");
  assert.deepEqual(on.recorder.names(), ["page_view", "last"]);
});

test("a site may be named on the tag instead of in the address", async () => {
  const page = await on.visit();
  on.shop.page("/named", { tracker: false, head: `<script defer src="${on.stats}/a.js" data-site="shop.example"></script>` });
  await page.goto(`${on.origin}/named`);
  assert.equal((await on.recorder.next("page_view")).site, "shop.example");
});
