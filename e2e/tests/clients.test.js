// Published tracker libraries, unmodified, against the real binary.

import assert from "node:assert/strict";
import { test } from "node:test";
import { missing } from "../anturazh.js";
import { signIn } from "../dashboard.js";
import { stage } from "../stage.js";
import { until } from "../until.js";

const on = stage();

const IMPORTS = `<script type="importmap">${JSON.stringify({
  imports: {
    "plausible-tracker": "/npm/plausible-tracker/build/module/index.js",
    "@plausible-analytics/tracker": "/npm/@plausible-analytics/tracker/plausible.js",
  },
})}</script>`;

const libraries = [
  {
    name: "plausible-tracker 0.3.9",
    page: "/older",
    use: (stats) => `import Plausible from "plausible-tracker";
      const { trackPageview, trackEvent } = Plausible({ domain: "shop.example", apiHost: "${stats}" });
      trackPageview();
      trackEvent("older signup", { props: { plan: "pro" } });`,
  },
  {
    name: "@plausible-analytics/tracker 0.4.6",
    page: "/newer",
    use: (stats) => `import { init, track } from "@plausible-analytics/tracker";
      init({ domain: "shop.example", endpoint: "${stats}/api/event" });
      track("newer signup", { props: { plan: "pro" } });
      track("newer purchase", { revenue: { amount: 129.5, currency: "EUR" } });
      history.pushState({}, "", "/newer/thanks");`,
  },
];

for (const { name, page: path, use } of libraries) {
  test(`${name} is counted`, { skip: missing }, async () => {
    on.shop.page(path, { tracker: false, head: `${IMPORTS}<script type="module">${use(on.stats)}</script>` });
    const page = await on.visit(path);
    await until(`the events of ${name}`, async () => {
      const names = (await on.server.query(["events"], ["event:name"])).map(([name]) => name);
      return names.includes(`${path.slice(1)} signup`);
    });
    assert.deepEqual(page.errors, []);
    const pages = await until(`the views of ${name}`, async () => {
      const rows = (await on.server.query(["pageviews"], ["event:page"])).filter(([page]) => page.startsWith(path));
      return rows.length === (path === "/newer" ? 2 : 1) && rows.sort();
    });
    assert.deepEqual(pages, path === "/newer" ? [["/newer", 1], ["/newer/thanks", 1]] : [["/older", 1]]);
    const staff = await signIn(on);
    await staff.goto(`${on.server.address}/sites/shop.example?period=day`);
    const text = await staff.locator("main").innerText();
    for (const shown of [path, `${path.slice(1)} signup`]) assert.ok(text.includes(shown), `the dashboard shows ${shown}`);
  });
}
