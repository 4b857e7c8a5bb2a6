// The pages people see, with traffic on them: for everyone, at every width, in both languages, light and dark.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { assertNoSidewaysScroll, violations } from "../accessible.js";
import { missing } from "../anturazh.js";
import { signIn } from "../dashboard.js";
import { stage } from "../stage.js";
import { until } from "../until.js";

const on = stage();
const DASHBOARD = "/sites/shop.example?period=day";

// A few visitors, once: pages, sources, an action, a purchase, a refund.
async function traffic() {
  if (on.filled) return;
  on.filled = true;
  const sources = ["https://yandex.ru/", "https://www.google.com/", "https://t.me/s/tea", ""];
  for (const [place, referer] of sources.entries()) {
    on.shop.page(`/page-${place}`, { title: `Page ${place}`, body: '<a id="out" href="https://other.example/">o</a>' });
    on.shop.page("/thanks");
    const page = await on.visit(null, { locale: place % 2 ? "ru-RU" : "en-GB" });
    await page.goto(`${on.origin}/page-${place}?${place < 3 ? "" : "utm_source=letter&"}q=tea`, { referer });
    await on.recorder.next("page_view");
    await page.goto(`${on.origin}/thanks`);
    await page.evaluate((place) => {
      anturazh("signup", { plan: "pro" });
      anturazh("purchase", { order_id: `A-${place}`, revenue: 1_234.5, currency: "EUR" });
    }, place);
    await on.recorder.next("purchase");
    await page.context().close();
  }
  await until("the traffic to be counted", async () => (await on.server.query(["pageviews"]))[0]?.at(-1) === 8);
}

for (const locale of ["en-GB", "ru-RU"]) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 360]) {
      test(`${locale}, ${colorScheme}, ${width} px: accessible, no sideways scroll`, { skip: missing }, async () => {
        await traffic();
        const options = { locale, colorScheme, viewport: { width, height: 800 }, bypassCSP: true };
        const page = await signIn(on, options);
        for (const path of ["/sites", DASHBOARD]) {
          // The account's own language goes before the browser's, and a choice before both.
          await page.goto(`${on.server.address}${path}${path.includes("?") ? "&" : "?"}lang=${locale.slice(0, 2)}`);
          assert.equal(await page.locator("html").getAttribute("lang"), locale.slice(0, 2));
          assert.deepEqual(await violations(page), [], path);
          await assertNoSidewaysScroll(page);
        }
        await page.context().clearCookies();
        await page.goto(`${on.server.address}/sign-in`);
        assert.deepEqual(await violations(page), [], "/sign-in");
        await page.context().close();
      });
    }
  }
}

for (const javaScriptEnabled of [true, false]) {
  test(`${javaScriptEnabled ? "with" : "without"} scripts: the figures, filters by clicking, every state in the address`, { skip: missing }, async () => {
    await traffic();
    const page = await signIn(on, { javaScriptEnabled });
    const complaints = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(on.server.address + DASHBOARD);
    const text = await page.locator("main").innerText();
    for (const shown of ["/thanks", "signup", "Purchases"]) assert.ok(text.includes(shown), `${shown} is shown`);
    await page.locator("#tab-sources").click();
    await page.getByRole("link", { name: "Yandex", exact: true }).first().waitFor();
    await page.getByRole("link", { name: "/page-0", exact: false }).first().click();
    await page.waitForURL((url) => decodeURIComponent(url.search).includes("/page-0"));
    const filtered = await page.locator("main").innerText();
    assert.ok(!filtered.includes("/page-1"), "other pages are filtered out");
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
}

test("a dashboard weighs at most 60 KB compressed and asks no one else", { skip: missing }, async () => {
  await traffic();
  const page = await signIn(on);
  const loaded = [];
  page.on("response", (response) => loaded.push(response));
  await page.goto(on.server.address + DASHBOARD, { waitUntil: "networkidle" });
  let weight_bytes = 0;
  for (const response of loaded) {
    assert.ok(response.url().startsWith(on.server.address) || response.url().startsWith("data:"), response.url());
    if (!response.url().startsWith("http")) continue;
    const length = Number(response.headers()["content-length"]);
    weight_bytes += length || gzipSync(await response.body()).length;
  }
  assert.ok(weight_bytes > 1_000 && weight_bytes <= 60 * 1_024, `${weight_bytes} bytes`);
  const policy = loaded[0].headers()["content-security-policy"];
  assert.match(policy, /default-src 'none'|default-src 'self'/);
  assert.ok(!policy.includes("unsafe-"), policy);
  await page.context().close();
});

test("whoever is not signed in sees no figures", { skip: missing }, async () => {
  const page = await on.visit();
  await page.goto(on.server.address + DASHBOARD);
  assert.equal(new URL(page.url()).pathname, "/sign-in");
});

test("keys choose the period and step through it, on a layout without Latin letters too", { skip: missing }, async () => {
  await traffic();
  const page = await signIn(on);
  await page.goto(`${on.server.address}/sites/shop.example`);
  const type = (key, code) => page.evaluate(({ key, code }) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true })), { key, code });
  const period = (wanted) => page.waitForURL((url) => url.searchParams.get("period") === wanted);
  await page.keyboard.press("w");
  await period("7d");
  await page.keyboard.press("ArrowLeft");
  await page.waitForURL((url) => url.searchParams.has("date"));
  await page.keyboard.press("ArrowRight");
  await page.waitForURL((url) => !url.searchParams.has("date"));
  await type("в", "KeyD");
  await period("day");
  await type("ь", "KeyM");
  await period("month");
  await page.keyboard.press("Y");
  await period("year");
  // What is typed into a field is text.
  await page.locator("#filter summary").click();
  await page.locator("#filter input[name=filter_value]").fill("");
  await page.locator("#filter input[name=filter_value]").press("d");
  await period("year");
  await page.context().close();
});
