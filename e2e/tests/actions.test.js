// What is done on a page: actions, sales, links, downloads, searches, pages not found.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "../stage.js";
import { until } from "../until.js";

const on = stage();

// Links must not lead away from the page under test.
const STAY = `<script>addEventListener("click", (e) => e.target.closest("a") && e.preventDefault());addEventListener("submit", (e) => e.preventDefault())</script>`;

test("an action carries its properties", async () => {
  on.shop.page("/action");
  const page = await on.visit("/action");
  await page.evaluate(() => anturazh("signup", { plan: "pro", seats: 3 }));
  const event = await on.recorder.next("signup");
  assert.deepEqual(event.properties, { plan: "pro", seats: 3 });
  assert.equal(event.url, `${on.origin}/action`);
  await page.evaluate(() => anturazh("scroll", { depth: 50 }, { interactive: false }));
  assert.equal((await on.recorder.next("scroll")).interactive, false);
});

test("a purchase and a refund carry their amounts", async () => {
  on.shop.page("/thanks");
  const page = await on.visit("/thanks");
  const order = {
    order_id: "A-1",
    revenue: 129.5,
    currency: "EUR",
    tax: 20.5,
    items: [{ sku: "S1", name: "Ботинки", category: "Обувь", price: 110, quantity: 1 }],
  };
  await page.evaluate((order) => anturazh("purchase", order), order);
  const purchase = await on.recorder.next("purchase");
  assert.deepEqual(purchase.purchase, order);
  assert.equal(purchase.properties, undefined);
  await page.evaluate(() => anturazh("refund", { order_id: "A-1", revenue: 20, currency: "EUR" }, { why: "size" }));
  const refund = await on.recorder.next("refund");
  assert.deepEqual(refund.refund, { order_id: "A-1", revenue: 20, currency: "EUR" });
  assert.deepEqual(refund.properties, { why: "size" });
});

test("calls made before the script is there are kept, the page view still comes first", async () => {
  on.shop.page("/early", {
    head: `<script>window.anturazh=window.anturazh||function(){(anturazh.q=anturazh.q||[]).push(arguments)};
      anturazh("early", {n: 1}); anturazh("consent", "denied")</script>`,
  });
  const page = await on.visit();
  // In the order of sending: two requests at once may arrive in any.
  const sent = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(request.postDataJSON().name));
  await page.goto(`${on.origin}/early`);
  const early = await on.recorder.next("early");
  assert.deepEqual(early.properties, { n: 1 });
  assert.deepEqual(sent, ["page_view", "early"]);
  assert.equal((await on.recorder.next("page_view")).consent, "denied");
});

test("marked elements tell of clicks and of forms sent, never what was typed", async () => {
  on.shop.page("/marked", {
    body: `${STAY}<button data-anturazh-event="signup" data-anturazh-plan="pro" class="big"><b id="inner">Sign up</b></button>
      <form data-anturazh-event="letter" data-anturazh-place="foot"><input id="mail" name="mail"><button id="send">Send</button></form>`,
  });
  const page = await on.visit("/marked");
  await page.click("#inner");
  assert.deepEqual((await on.recorder.next("signup")).properties, { plan: "pro" });
  await page.fill("#mail", "anna@example.org");
  await page.click("#send");
  const letter = await on.recorder.next("letter");
  assert.deepEqual(letter.properties, { place: "foot" });
  assert.ok(!JSON.stringify(on.recorder.hits.map((hit) => hit.event)).includes("anna"));
  assert.deepEqual(on.recorder.names(), ["page_view", "signup", "letter"], "a click inside a marked form is not the form");
});

test("links that leave the site and files fetched are told apart from plain links", async () => {
  on.shop.page("/links", {
    body: `${STAY}
      <a id="plain" href="/other">a</a> <a id="mail" href="mailto:a@b.example">b</a> <a id="script" href="javascript:void 0">c</a>
      <a id="out" href="https://other.example/x?y=1">d</a> <a id="file" href="/price.PDF?v=2">e</a>
      <a id="far" href="https://other.example/set.zip"><i>f</i></a> <a id="named" href="/report" download="r.bin">g</a>
      <svg width="20" height="20"><a id="drawn" href="https://other.example/"><rect width="20" height="20"/></a></svg>`,
  });
  const page = await on.visit("/links");
  for (const id of ["plain", "mail", "script", "drawn", "out", "file", "far", "named"]) await page.click(`#${id}`);
  await page.click("#out", { button: "middle" });
  await page.click("#out", { button: "right" });
  await page.evaluate(() => anturazh("last"));
  await on.recorder.next("last");
  const told = on.recorder.hits.map(({ event }) => [event.name, event.properties?.url]).sort();
  assert.deepEqual(told, [
    ["file_download", `${on.origin}/price.PDF?v=2`],
    ["file_download", `${on.origin}/report`],
    ["file_download", "https://other.example/set.zip"],
    ["last", undefined],
    ["outbound_link", "https://other.example/x?y=1"],
    ["outbound_link", "https://other.example/x?y=1"],
    ["page_view", undefined],
  ]);
  assert.deepEqual(page.errors, []);
});

test("a click that leaves the page at once is still told", async () => {
  on.shop.page("/leave", { body: `<a id="out" href="http://other.example:${on.shop.port}/there">out</a>` });
  on.shop.page("/there", { tracker: false });
  const page = await on.visit("/leave");
  await page.evaluate(() => {
    const real = fetch;
    window.fetch = (to, how) => (sessionStorage.setItem("keepalive", how.keepalive), real(to, how));
  });
  await Promise.all([page.waitForURL("**/there"), page.click("#out")]);
  await on.recorder.next("outbound_link");
  await page.goBack();
  assert.equal(await page.evaluate(() => sessionStorage.getItem("keepalive")), "true");
});

test("searches on the site are told by the address, once for the same words", async () => {
  on.shop.page("/search");
  on.shop.page("/find", { attributes: 'data-search="wanted"' });
  const page = await on.visit("/search?q=%D0%B1%D0%BE%D1%82%D0%B8%D0%BD%D0%BA%D0%B8+42");
  assert.deepEqual((await on.recorder.next("site_search")).properties, { query: "ботинки 42" });
  await page.evaluate(() => history.pushState({}, "", "/search?q=hat"));
  assert.deepEqual((await on.recorder.next("site_search")).properties, { query: "hat" });
  await page.evaluate(() => history.pushState({}, "", "/search/2?q=hat"));
  await until("the view of the second page of results", () => on.recorder.names().filter((name) => name === "page_view").length === 2);
  await page.evaluate(() => history.pushState({}, "", "/shelf"));
  await until("the view of the shelf", () => on.recorder.names().filter((name) => name === "page_view").length === 3);
  await page.goto(`${on.origin}/find?q=hat&wanted=coat`);
  assert.deepEqual((await on.recorder.next("site_search")).properties, { query: "coat" });
  assert.deepEqual(on.recorder.names().filter((name) => name === "site_search").length, 3);
});

test("a page not found is told without ending a bounce", async () => {
  on.shop.page("/gone", { head: '<meta name="anturazh" content="404">' });
  const page = await on.visit("/gone");
  const event = await on.recorder.next("not_found");
  assert.equal(event.interactive, false);
  assert.equal(event.url, `${on.origin}/gone`);
  on.shop.page("/called");
  await page.goto(`${on.origin}/called`);
  await page.evaluate(() => anturazh("not_found"));
  assert.equal((await on.recorder.next("not_found")).interactive, false);
});
