// The people's side: what anyone may write, what staff may open and must record, what a person sees and takes away.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { assertNoSidewaysScroll, violations } from "../accessible.js";
import { missing } from "../anturazh.js";
import { browser } from "../browser.js";
import { fill, Office, refuser, send, inLetter } from "../office.js";

const LOCALES = ["en-GB", "ru-RU"];
const WIDTHS = [1280, 360];
const PUBLIC = ["/", "/enquiry", "/policy", "/cookies", "/privacy", "/account/sign-in"];
const CONSOLE = [
  "/console",
  "/console/cases",
  "/console/cases/1",
  "/console/tasks",
  "/console/tasks/new",
  "/console/emergencies/new",
  "/console/staff",
  "/security",
];

// What the pages say, as far as the tests must know it.
const WORDS = {
  "en-GB": {
    lang: "en",
    recorded: /reading was recorded: (\d+) values/,
    deleted: "delete",
    masked: "masked",
    withdrawn: "Taken back by you",
    news: "News by e-mail",
    consent: "Your consent",
    closed: /has not said yet who they are/,
  },
  "ru-RU": {
    lang: "ru",
    recorded: /Чтение записано: (\d+) значен/,
    deleted: "удалить",
    masked: "скрыто",
    withdrawn: "Отозвано вами",
    news: "Новости по почте",
    consent: "Ваше согласие",
    closed: /ещё не указал, кто он/,
  },
};

// Everything that a person can tell, each so that it is found again.
const TOLD = {
  message: "Wombats and вомбаты want to know the price",
  name: "Zyxwanda Quokkova",
  company: "Numbat & Söhne",
  position: "Chief Bilby",
  email: "quokka@person.example",
  phone: "+7 900 555-01-02",
  address: "7 Potoroo Lane, 101000 Example",
  budget_range: "100k-500k",
};
const ADDRESS = TOLD.email;

let chromium;

before(async () => {
  if (!missing) chromium = await browser();
});

after(() => chromium?.close());

// A server of a test's own, gone after it.
async function office(t, controller) {
  const office = await Office.start(chromium, controller);
  t.after(() => office.stop());
  return office;
}

// Somebody has written: fails if the form was not taken.
async function enquire(office, locale, told = TOLD) {
  const page = await office.stranger({ locale });
  await office.enquire(page, told);
  assert.equal(new URL(page.url()).pathname, "/enquiry/sent");
  return page;
}

function assertNone(text, values, where) {
  for (const value of values) assert.ok(!text.includes(value), `${where} says \`${value}\``);
}

// As people read a page, and as it stands: both name nothing.
async function assertNothingTold(page, where) {
  const whole = `${page.url()}\n${await page.title()}\n${await page.content()}`;
  assertNone(whole, Object.values(TOLD).filter((value) => value !== TOLD.budget_range), where);
}

for (const locale of LOCALES) {
  for (const width of WIDTHS) {
    test(`${locale}, ${width} px: an enquiry without scripts or cookies, a mistake mended, nothing lost`, { skip: missing }, async (t) => {
      const at = await office(t);
      const context = await refuser(t, { locale, viewport: { width, height: 800 } });
      const page = await context.newPage();
      let offered = [];
      page.on("response", (response) => offered.push(response.headerValue("set-cookie")));

      await page.goto(at.at("/sign-in"));
      assert.ok((await Promise.all(offered)).some(Boolean), "a page for staff offers a cookie");
      assert.deepEqual(await context.cookies(), [], "this browser refuses it");
      offered = [];

      const { message, ...others } = TOLD;
      await at.enquire(page, others);
      assert.equal(new URL(page.url()).pathname, "/enquiry");
      assert.equal(await page.locator("html").getAttribute("lang"), WORDS[locale].lang);
      assert.equal(await page.locator("#message").getAttribute("aria-invalid"), "true");
      for (const [name, text] of Object.entries(others)) assert.equal(await page.locator(`main [name="${name}"]`).inputValue(), text, name);
      for (const consent of await page.locator("main input[name=agree]").all()) assert.ok(await consent.isChecked(), "a consent is still ticked");
      await assertNoSidewaysScroll(page);

      await fill(page, { message });
      await page.locator("main form [type=submit]").click();
      assert.equal(new URL(page.url()).pathname, "/enquiry/sent");
      await assertNothingTold(page, "the page of thanks");
      await assertNoSidewaysScroll(page);
      assert.deepEqual((await Promise.all(offered)).filter(Boolean), [], "no cookie was offered");
    });
  }

  test(`${locale}: public pages are for everyone, at every width, light and dark`, { skip: missing }, async (t) => {
    const at = await office(t);
    const page = await at.stranger({ locale, bypassCSP: true });
    await assertForEveryone(page, PUBLIC, at);
    assert.deepEqual(await page.context().cookies(), [], "looking sets no cookie");
  });

  test(`${locale}: staff open letters with a second factor, on record, and answer`, { skip: missing }, async (t) => {
    const at = await office(t);
    const page = await at.owner({ locale });
    await enquire(at, locale);
    await at.enrol(page);

    await page.goto(at.at("/console"));
    await page.locator('main a[href="/console/cases/1"]').first().click();
    await page.waitForURL((url) => url.pathname === "/console/cases/1");
    assert.ok((await page.locator("#letters .masked").count()) >= 8, "seven values and the letter are masked");
    assert.ok((await page.locator("#letters").innerText()).includes(WORDS[locale].masked));
    await assertNothingTold(page, "the closed case");

    await page.locator('form[action$="/open"] [type=submit]').click();
    const opened = await page.locator("#letters").innerText();
    for (const [name, text] of Object.entries(TOLD)) if (name !== "budget_range") assert.ok(opened.includes(text), `${name} is opened`);
    assert.equal(WORDS[locale].recorded.exec(opened)?.[1], "8", "the page says that the reading of eight values was recorded");
    assertNone(`${page.url()} ${await page.title()}`, Object.values(TOLD), "the address or title");

    await page.goto(at.at("/console/audit"));
    await assertNothingTold(page, "the audit log");
    const figures = await page.locator("main dl dd").allInnerTexts();
    assert.deepEqual(figures.slice(0, 2), ["9", "9"], "values opened = readings recorded, with the address that was told of the consent");

    const answer = "Dear person, wombats cost nothing. С уважением, Анна";
    await page.goto(at.at("/console/cases/1"));
    await page.locator("#text").fill(answer);
    await page.locator('form[action$="/reply"] [type=submit]').click();
    await page.waitForURL((url) => url.searchParams.get("saved") === "reply");
    await assertNone(await page.content(), [answer], "the case, not opened again,");
    const letter = await at.outbox.next(ADDRESS);
    assert.ok(letter.text.includes(answer), letter.text);
    assert.match(letter.headers, /^From: .*hello@agency\.example/m);

    const person = await at.stranger({ locale });
    await at.enterAccount(person, ADDRESS);
    const seen = await person.locator("main").evaluate((main) => main.textContent);
    assert.ok(seen.includes(answer), "the person sees the answer");
    assert.equal((await person.locator('section[aria-labelledby="readings"] li').count()) >= 2, true, "and who read");
  });

  test(`${locale}: pages of the console are for everyone, at every width, light and dark`, { skip: missing }, async (t) => {
    const at = await office(t);
    const page = await at.owner({ locale, bypassCSP: true });
    await enquire(at, locale);
    await at.enrol(page);
    await assertForEveryone(page, CONSOLE, at);
    await page.goto(at.at("/console/cases/1"));
    await page.locator('form[action$="/open"] [type=submit]').click();
    await assertForEveryone(page, [null], at);
  });

  test(`${locale}: the audit log is for everyone, at every width, light and dark`, { skip: missing }, async (t) => {
    const at = await office(t);
    const page = await at.owner({ locale, bypassCSP: true });
    await enquire(at, locale);
    await at.enrol(page);
    await assertForEveryone(page, ["/console/audit"], at);
  });

  test(`${locale}: a task is for everyone, at every width, light and dark`, { skip: missing }, async (t) => {
    const at = await office(t);
    const page = await at.owner({ locale, bypassCSP: true });
    await enquire(at, locale);
    await at.enrol(page);
    await page.goto(at.at("/console/tasks"));
    await page.locator('main a[href^="/console/tasks/"]:not([href$="/new"])').first().click();
    await assertForEveryone(page, [new URL(page.url()).pathname], at);
  });

  test(`${locale}: without cookies and scripts a consent is taken back by a letter, and the account does all but remember`, { skip: missing }, async (t) => {
    const at = await office(t);
    await at.owner({ locale });
    await enquire(at, locale);
    const context = await refuser(t, { locale });
    const page = await context.newPage();
    await page.goto(at.at(inLetter(at.told, "withdraw")));
    await page.locator('main form[action^="/consents/withdraw"] [type=submit]').click();
    await page.locator('main [role="status"]').waitFor();
    assert.equal(await page.locator('main form[action^="/consents/withdraw"]').count(), 0, "it is taken back");
    await assertNoSidewaysScroll(page);

    await at.enterAccount(page, ADDRESS, true);
    await page.locator('main form[action^="/account/fields"]').waitFor();
    await assertSees(page, TOLD);
    assert.ok((await page.locator('section[aria-labelledby="consents"]').innerText()).includes(WORDS[locale].withdrawn));
    await fill(page, { company: "Numbat & Sons" });
    await page.locator('form[action^="/account/fields"] [type=submit]').click();
    await page.locator('main [role="status"]').waitFor();
    await assertSees(page, { ...TOLD, company: "Numbat & Sons" });
    await page.locator('form[action^="/account/choices"] [value=yes]').click();
    await page.locator('form[action^="/account/consents"]').waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator('form[action^="/account/export.json"] [type=submit]').click()]);
    assert.ok((await readFile(await download.path(), "utf8")).includes("Numbat & Sons"));
    await page.locator('form[action^="/account/delete"] [type=submit]').click();
    await fill(page, { word: WORDS[locale].deleted });
    await page.locator('main form:has([name="word"]) [type=submit]').click();
    await page.locator("main form").waitFor({ state: "detached" });
    assert.deepEqual(await context.cookies(), [], "no cookie was kept");
  });

  test(`${locale}: the account is for everyone, at every width, light and dark`, { skip: missing }, async (t) => {
    const at = await office(t);
    await at.owner({ locale });
    await enquire(at, locale);
    const page = await at.stranger({ locale, bypassCSP: true });
    await at.enterAccount(page, ADDRESS);
    await page.waitForURL((url) => url.pathname === "/account");
    for (const closed of await page.locator("main details > summary").all()) await closed.click();
    await assertForEveryone(page, [null, "/account/delete", "/account/letter/sent", "/enquiry/sent"], at);
  });

  test(`${locale}: without a second factor nothing of a person opens, and the owner is told what to do`, { skip: missing }, async (t) => {
    const at = await office(t);
    const page = await at.owner({ locale });
    await enquire(at, locale);
    for (const path of ["/console", "/console/cases", "/console/cases/1", "/console/tasks", "/console/audit"]) {
      await page.goto(at.at(path));
      assert.equal(new URL(page.url()).pathname, "/security", `${path} leads to /security`);
      await assertNothingTold(page, path);
    }
    await page.goto(at.at("/security"));
    const csrf = await page.locator("main [name=csrf]").first().inputValue();
    for (const act of ["open", "reply"]) {
      const form = { csrf, subject: "Hello", text: "Hello" };
      const headers = { origin: at.server.address };
      const answer = await page.request.post(at.at(`/console/cases/1/${act}`), { form, headers, maxRedirects: 0 });
      assert.equal(answer.status(), 303, act);
      assert.match(answer.headers().location, /^\/security\?/, "not for another reason");
      assertNone(await answer.text(), Object.values(TOLD), act);
    }
  });

  test(`${locale}: a person sees what is held, corrects it, takes a consent back, takes all along, and goes`, { skip: missing }, async (t) => {
    const at = await office(t);
    await at.owner({ locale });
    const page = await enquire(at, locale);
    const link = await at.enterAccount(page, ADDRESS);
    await page.waitForURL((url) => url.pathname === "/account");
    await assertSees(page, TOLD);

    const again = await at.stranger({ locale });
    await again.goto(link);
    assert.equal(await again.locator('main form[action^="/account/link"]').count(), 0, "a used link is shown as dead");
    const token = new URL(link).searchParams.get("token");
    const pressed = await again.request.post(at.at("/account/link"), {
      form: { token },
      headers: { origin: at.server.address },
      maxRedirects: 0,
    });
    assert.notEqual(pressed.status(), 303, "the link works once");
    assert.equal(pressed.headers()["set-cookie"], undefined);

    const told = { ...TOLD, company: "Thylacine & Töchter" };
    await fill(page, { company: told.company });
    await page.locator('form[action^="/account/fields"] [type=submit]').click();
    await page.waitForURL((url) => url.searchParams.get("done") === "fields");
    await assertSees(page, told);
    assertNone(await page.content(), [TOLD.company.replace("&", "&amp;")], "the account");

    const consents = page.locator('section[aria-labelledby="consents"]');
    const receipt = await page.request.get(at.at(await consents.locator('a[href*=".jws"]').first().getAttribute("href")));
    assert.match(await receipt.text(), /^[\w-]+\.[\w-]+\.[\w-]+$/, "a receipt is a signed text");
    const back = consents.locator('form[action^="/account/consents"]');
    const offer = consents.locator('form[action^="/account/choices"]');
    assert.deepEqual([await back.count(), await offer.count()], [1, 0], "the consent to letters holds");
    await back.locator("[type=submit]").click();
    await page.waitForURL((url) => url.searchParams.get("done") === "withdrawn");
    assert.deepEqual([await back.count(), await offer.count()], [0, 1], "it is taken back, and can be given again");
    assert.ok((await consents.innerText()).includes(WORDS[locale].withdrawn));

    const [download] = await Promise.all([page.waitForEvent("download"), page.locator('a[href^="/account/export.json"]').click()]);
    const taken = await readFile(await download.path(), "utf8");
    assert.ok(JSON.parse(taken), "the export is JSON");
    for (const [name, text] of Object.entries(told)) assert.ok(taken.includes(text), `the export has ${name}`);

    const session = await page.context().cookies();
    await page.locator('main a[href^="/account/delete"]').click();
    await fill(page, { word: WORDS[locale].deleted });
    await page.locator("main form [type=submit]").click();
    await page.locator("main form").waitFor({ state: "detached" });
    assert.equal((await page.context().cookies()).length, 0, "the cookie is gone");
    await page.context().addCookies(session);
    await page.goto(at.at("/account"));
    assert.equal(new URL(page.url()).pathname, "/account/sign-in", "the session is gone");
  });

  test(`${locale}: nobody is asked for anything by somebody who has not said who they are`, { skip: missing }, async (t) => {
    const at = await office(t, { email: "privacy@localhost" });
    const page = await at.stranger({ locale });
    await page.goto(at.at("/enquiry"));
    assert.equal(await page.locator("main form").count(), 0, "the form is closed");
    assert.match(await page.locator("main").innerText(), WORDS[locale].closed);
    await page.goto(at.at("/account/sign-in"));
    assert.equal(await page.locator("main details").count(), 0, "no account is opened");
    await page.goto(at.at("/privacy"));
    await fill(page, { message: TOLD.message });
    await page.locator("#know").check();
    await send(page);
    assert.equal(new URL(page.url()).pathname, "/privacy/sent", "a request about one's own data is taken all the same");

    const owner = await at.owner({ locale });
    await at.enrol(owner);
    await owner.goto(at.at("/console"));
    const lines = await owner.locator("main .notice code").allInnerTexts();
    assert.deepEqual(lines, ["name", "address", "email"], "the operator learns what is missing");
    await assertForEveryone(await at.stranger({ locale, bypassCSP: true }), ["/enquiry", "/account/sign-in", "/privacy"], at);
  });

  test(`${locale}: nobody is asked to agree to a text that does not say who asks`, { skip: missing }, async (t) => {
    const at = await office(t, { name: "Agency Ltd", email: "privacy@agency.example" });
    await at.owner({ locale });
    const page = await at.stranger({ locale });
    await page.goto(at.at("/enquiry"));
    assert.equal(await page.locator("main input[name=agree]").count(), 0, "there is no address, so there is no consent");
    const terms = await page.locator("main section.terms").allInnerTexts();
    assert.equal(terms.length, 1);
    assert.match(terms[0], /Agency Ltd, privacy@agency\.example\./);
    assert.doesNotMatch(terms[0], /, ,|@localhost/);
    await at.enquire(page, TOLD);
    assert.equal(new URL(page.url()).pathname, "/enquiry/sent", "an enquiry needs no consent");
    await at.enterAccount(page, ADDRESS);
    await page.waitForURL((url) => url.pathname === "/account");
    const account = await page.locator("main").innerHTML();
    assert.doesNotMatch(account, /account\/receipts\/|wordings\/newsletter/, "nothing was agreed to, and nothing is offered");
  });

  test(`${locale}: whoever agrees is told who asks`, { skip: missing }, async (t) => {
    const at = await office(t);
    const page = await at.stranger({ locale });
    await page.goto(at.at("/enquiry"));
    const terms = await page.locator("main section.terms").allInnerTexts();
    assert.equal(terms.length, 2, "the notice and one consent");
    for (const text of terms) {
      for (const said of ["Agency Ltd", "1 Example Street", "privacy@agency.example"]) assert.ok(text.includes(said), text);
    }
  });

  test(`${locale}: whoever deletes an account is told that enquiries stay, and where to have them deleted`, { skip: missing }, async (t) => {
    const at = await office(t);
    await at.owner({ locale });
    const page = await enquire(at, locale);
    await at.enterAccount(page, ADDRESS);
    await page.goto(at.at("/account/delete"));
    assert.ok(await page.locator('main a[href^="/privacy"]').count(), "the way to a request about one's data");
  });

  test(`${locale}: every cookie lives longer than 0 days`, { skip: missing }, async (t) => {
    const at = await office(t);
    const page = await at.stranger({ locale });
    await page.goto(at.at("/cookies"));
    assert.doesNotMatch(await page.locator("main").innerText(), /\b0[\s\u00a0](days|дней)/);
  });

  test(`${locale}: what rests on a consent is not said to rest on a contract`, { skip: missing }, async (t) => {
    const at = await office(t);
    await at.owner({ locale });
    const page = await enquire(at, locale);
    await at.enterAccount(page, ADDRESS);
    await page.waitForURL((url) => url.pathname === "/account");
    const { news, consent } = WORDS[locale];
    const rows = await page.locator('section[aria-labelledby="data"] tbody tr').evaluateAll((rows) => rows.map((row) => row.textContent));
    const withNews = rows.filter((row) => row.includes(news));
    assert.equal(withNews.length, 2, "name and address serve the letters");
    for (const row of withNews) assert.ok(row.includes(consent), row);
  });
}

// The account shows every value, and each letter when it is opened.
async function assertSees(page, told) {
  const held = await page.locator("main").evaluate((main) => main.textContent);
  for (const [name, text] of Object.entries(told)) {
    const field = page.locator(`main form[action^="/account/fields"] [name="${name}"]`);
    if (await field.count()) assert.equal(await field.inputValue(), text, name);
    else assert.ok(held.includes(text), `${name} is shown`);
  }
}

// Nothing for axe to find and nothing too wide, on each of these pages; `null` stands for the page as it is.
async function assertForEveryone(page, paths, at) {
  const found = [];
  for (const path of paths) {
    if (path) assert.equal((await page.goto(at.at(path))).status(), 200, path);
    for (const colorScheme of ["light", "dark"]) {
      for (const width of WIDTHS) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        found.push(...(await violations(page)).map((violation) => `${path}, ${colorScheme}, ${width} px: ${violation}`));
        await assertNoSidewaysScroll(page).catch((error) => found.push(error.message));
      }
    }
  }
  assert.deepEqual(found, []);
}
