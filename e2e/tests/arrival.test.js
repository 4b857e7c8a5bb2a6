// From a page on another origin to the dashboard and the query API, within two seconds, over the real binary.

import assert from "node:assert/strict";
import { test } from "node:test";
import { missing } from "../anturazh.js";
import { signIn } from "../dashboard.js";
import { stage } from "../stage.js";
import { until } from "../until.js";

const on = stage();

test("a page view, an action and a purchase are on the dashboard within two seconds", { skip: missing }, async () => {
  on.shop.page("/tea", { title: "Tea" });
  const staff = await signIn(on);
  const page = await on.visit("/tea");
  await page.evaluate(() => {
    anturazh("signup", { plan: "pro" });
    anturazh("purchase", { order_id: "A-17", revenue: 129.5, currency: "EUR", items: [{ sku: "T1", name: "Tea", price: 129.5, quantity: 1 }] });
  });
  for (const name of ["page_view", "signup", "purchase"]) await on.recorder.next(name);
  for (const hit of on.recorder.hits) assert.deepEqual([hit.status, hit.body.toString()], [202, '{"accepted":1,"dropped":{}}']);

  const counted = await until(
    "all three in the query API",
    async () => {
      const rows = Object.fromEntries(await on.server.query(["events"], ["event:name"]));
      return Object.keys(rows).length === 3 && rows;
    },
    2_000,
  );
  assert.deepEqual(counted, { page_view: 1, signup: 1, purchase: 1 });
  assert.deepEqual(await on.server.query(["visitors", "visits", "pageviews", "orders", "total_revenue"]), [[1, 1, 1, 1, 129.5]]);
  assert.deepEqual(await on.server.query(["pageviews"], ["event:page"], [["is", "event:page", ["/tea"]]]), [["/tea", 1]]);

  await staff.goto(`${on.server.address}/sites/shop.example?period=day`);
  const text = await staff.locator("main").innerText();
  for (const shown of ["/tea", "signup", "129.5"]) assert.ok(text.includes(shown), `the dashboard shows ${shown}`);
});

test("the script served is small and may be used from anywhere", { skip: missing }, async () => {
  const response = await fetch(`${on.server.address}/a.js?site=shop.example`, { headers: { "accept-encoding": "gzip" } });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type"), /javascript/);
  assert.equal(response.headers.get("cross-origin-resource-policy"), "cross-origin");
  assert.ok(!(await response.text()).includes("__COOKIE__"));
  assert.equal(response.headers.get("content-encoding"), "gzip");
  assert.ok(Number(response.headers.get("content-length")) <= 1_536, response.headers.get("content-length"));
});

test("every kind of event the tracker makes is accepted", { skip: missing }, async () => {
  on.shop.page("/all", {
    head: '<meta name="anturazh" content="404">',
    body: `<a id="out" href="https://other.example/">o</a><a id="file" href="/x.pdf">f</a><script>addEventListener("click", (e) => e.preventDefault())</script>`,
  });
  const page = await on.visit("/all?q=tea");
  for (const id of ["out", "file"]) await page.click(`#${id}`);
  await page.evaluate(() => anturazh("refund", { order_id: "A-17", revenue: 29.5, currency: "EUR" }));
  const names = ["page_view", "not_found", "site_search", "outbound_link", "file_download", "refund"];
  for (const name of names) await on.recorder.next(name);
  for (const hit of on.recorder.hits) assert.equal(hit.body.toString(), '{"accepted":1,"dropped":{}}', hit.event.name);
});
