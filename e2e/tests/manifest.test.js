// A site whose manifest allows no cookie: consent changes nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "../stage.js";

const on = stage({ cookie: false });

test("a cookie the manifest does not allow is never set, and one from before is removed", async () => {
  on.shop.page("/granted", { attributes: 'data-consent="granted"' });
  const page = await on.visit();
  await page.context().addCookies([{ name: "_anturazh", value: "old", domain: "localhost", path: "/" }]);
  await page.goto(`http://localhost:${on.shop.port}/granted`);
  const event = await on.recorder.next("page_view");
  assert.deepEqual([event.visitor, event.consent], [undefined, "granted"]);
  assert.deepEqual(await page.context().cookies(), []);
});
