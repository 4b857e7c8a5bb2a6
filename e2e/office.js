// An agency at work: its server with mail into a folder, people who write to it, and its first owner.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { Anturazh } from "./anturazh.js";
import { launching, USER_AGENT, visitor } from "./browser.js";
import { Outbox } from "./outbox.js";
import { code } from "./totp.js";

// Who answers for people's data, as lines of `[controller]`.
const NAMED = { name: "Agency Ltd", address: "1 Example Street, 101000 Example", email: "privacy@agency.example" };

const LOGIN = "anna";
const PASSWORD = "correct horse battery staple";

// A form that comes back sooner is not taken for a person's.
const PERSON_MS = 2_100;

export class Office {
  // `controller`: what the operator has said of themself.
  static async start(browser, controller = NAMED) {
    const office = new Office();
    office.browser = browser;
    const lines = Object.entries(controller).map(([line, text]) => `${line} = ${JSON.stringify(text)}\n`);
    const configuration = (folder) => `${Outbox.configuration(folder)}[controller]\n${lines.join("")}`;
    office.server = await Anturazh.start({ configuration });
    office.outbox = new Outbox(office.server.folder);
    return office;
  }

  stop() {
    return this.server.stop();
  }

  at(path) {
    return this.server.address + path;
  }

  // A page of someone who is not known here. `options` as in Playwright's `newContext`.
  async stranger(options) {
    const context = await visitor(this.browser, options);
    return context.newPage();
  }

  // Fills in the enquiry form: `fields` by name; every consent is ticked. Sends it, and confirms what was ticked.
  async enquire(page, fields) {
    await page.goto(this.at("/enquiry"));
    await fill(page, fields);
    const consents = await page.locator("main input[name=agree]").all();
    for (const consent of consents) await consent.check();
    await send(page);
    if (consents.length === 0 || new URL(page.url()).pathname !== "/enquiry/sent") return;
    const owner = await this.stranger({ javaScriptEnabled: false });
    await owner.goto(this.at(inLetter(await this.outbox.next(fields.email), "confirm")));
    await owner.locator('main form[action^="/consents/confirm"] [type=submit]').click();
    await owner.waitForURL((url) => url.pathname === "/consents/confirmed");
    this.told = await this.outbox.next(fields.email);
    await owner.context().close();
  }

  // A page of the first owner, set up and signed in with a password alone.
  async owner(options) {
    const page = await this.stranger(options);
    const link = new URL(this.server.setUp);
    await page.goto(this.at(link.pathname + link.search));
    await fill(page, { login: LOGIN, name: "Anna", password: PASSWORD });
    await page.locator("main [type=submit]").click();
    await page.waitForURL((url) => url.pathname === "/security");
    return page;
  }

  // Takes up a second factor, signs out, and in again with a code. Gives the factor's secret.
  async enrol(page) {
    await page.goto(this.at("/security"));
    await page.locator("[name=app_password]").fill(PASSWORD);
    await page.locator('form[action="/security/second-factor"] [type=submit]').click();
    const secret = await page.locator("#app-secret").innerText();
    await page.locator("#code").fill(code(secret));
    await page.locator('form[action$="/confirm"] [type=submit]').click();
    await page.locator('form[action$="/confirm"]').waitFor({ state: "detached" });
    await page.locator("details.menu summary").last().click();
    await page.locator('form[action="/sign-out"] [type=submit]').click();
    await page.waitForURL((url) => url.pathname === "/");
    await page.goto(this.at("/sign-in"));
    await fill(page, { login: LOGIN, password: PASSWORD });
    await page.locator("main [type=submit]").click();
    await page.waitForURL((url) => url.pathname === "/sign-in/code");
    await page.locator("#code").fill(code(secret, 1));
    await page.locator("main [type=submit]").click();
    await page.waitForURL((url) => url.pathname === "/sites");
    return secret;
  }

  // Asks for a letter with a link at `/account`, and follows it; `withoutCookie` by the button for that.
  async enterAccount(page, address, withoutCookie = false) {
    await page.goto(this.at("/account"));
    await page.locator("#email").fill(address);
    await send(page, 'form[action^="/account/letter"]');
    const letter = await this.outbox.next(address);
    const link = /http\S+\/account\/link\?token=\S+/.exec(letter.text)?.[0];
    if (!link) throw new Error(`no link in the letter:\n${letter.text}`);
    await page.goto(link);
    const button = withoutCookie ? "[name=cookie]" : "[type=submit]:not([name=cookie])";
    await page.locator(`main form[action^="/account/link"] ${button}`).click();
    return link;
  }
}

// The path of the link of a letter about a consent.
export function inLetter(letter, what) {
  const link = new RegExp(`http\\S+/consents/${what}\\?token=\\S+`).exec(letter.text)?.[0];
  if (!link) throw new Error(`no link in the letter:\n${letter.text}`);
  const url = new URL(link);
  return url.pathname + url.search;
}

// Fills in fields by their names; a choice is chosen.
export async function fill(page, fields) {
  for (const [name, text] of Object.entries(fields)) {
    const field = page.locator(`main [name="${name}"]`);
    if (await field.evaluate((element) => element.localName === "select")) await field.selectOption(text);
    else await field.fill(text);
  }
}

// Sends a form, as late as a person would.
export async function send(page, form = "main form") {
  await page.waitForTimeout(PERSON_MS);
  await page.locator(`${form} [type=submit]`).click();
}

// A browser without scripts that refuses every cookie, by its own setting, until the test is over. `options` as in
// `newContext`.
export async function refuser(test, options = {}) {
  const profile = await mkdtemp(join(tmpdir(), "anturazh-refuser-"));
  await mkdir(join(profile, "Default"));
  const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(settings));
  const context = await chromium.launchPersistentContext(profile, {
    ...launching(),
    userAgent: USER_AGENT,
    javaScriptEnabled: false,
    ...options,
  });
  test.after(async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  });
  return context;
}
