// Staff at the dashboard: the first account set up once, then signed in wherever a page is asked for.

import { visitor } from "./browser.js";

const NAME = "anna";
const PASSWORD = "correct horse battery staple";

// A page of someone signed in on the stage's server. `options` as in Playwright's `newContext`.
export async function signIn(on, options = {}) {
  const context = await visitor(on.browser, options);
  if (on.signedIn) {
    await context.addCookies(on.signedIn);
    return context.newPage();
  }
  // Setting up works in every language and without scripts; here it is done with them.
  const page = await context.newPage();
  const link = new URL(on.server.setUp);
  await page.goto(`${on.server.address}${link.pathname}${link.search}`);
  await page.locator("#login").fill(NAME);
  await page.locator("#name").fill("Anna");
  await page.locator("#password").fill(PASSWORD);
  await page.locator("main [type=submit]").click();
  // The second factor can wait for an hour.
  await page.waitForURL((url) => url.pathname === "/security");
  await page.goto(`${on.server.address}/sites`);
  on.signedIn = await context.cookies();
  return page;
}
