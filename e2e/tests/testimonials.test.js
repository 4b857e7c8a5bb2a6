// Testimonials: written down in the console, agreed to or declined by the link in a letter, taken back by another.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertNoSidewaysScroll, violations } from "../accessible.js";
import { missing } from "../anturazh.js";
import { browser } from "../browser.js";
import { fill, Office, refuser } from "../office.js";

const LOCALES = ["en-GB", "ru-RU"];
const WIDTHS = [1280, 360];

const SAID = {
  "en-GB": {
    language: "en",
    text: "They found the wombat in our figures.\nNobody else had looked.",
    name: "Zyxwanda Quokkova",
    position: "Chief Bilby",
    company: "Numbat & Söhne",
  },
  "ru-RU": {
    language: "ru",
    text: "Они нашли вомбата в наших цифрах.\nБольше никто не искал.",
    name: "Зюкванда Квоккова",
    position: "Главный билби",
    company: "ООО «Намбат»",
  },
};
const AUTHOR = "quokka@author.example";

let chromium;

before(async () => {
  if (!missing) chromium = await browser();
});

after(() => chromium?.close());

async function office(t) {
  const office = await Office.start(chromium);
  t.after(() => office.stop());
  return office;
}

// The owner, with a second factor, has written a testimonial down; its number is 1.
async function drafted(at, locale) {
  const page = await at.owner({ locale, bypassCSP: true });
  await at.enrol(page);
  await page.goto(at.at("/console/testimonials"));
  await page.locator('main a[href$="/testimonials/new"]').click();
  await fill(page, { ...SAID[locale], email: AUTHOR });
  await page.locator("main form [type=submit]").click();
  await page.waitForURL((url) => url.searchParams.get("saved") === "testimonial");
  return page;
}

// Presses the button that sends the letter, and gives the link in it.
async function asked(at, page, locale) {
  await page.goto(at.at("/console/testimonials/1"));
  await page.locator('form[action$="/ask"] [type=submit]').click();
  await page.waitForURL((url) => url.searchParams.get("saved") === "testimonial-asked");
  const letter = await at.outbox.next(AUTHOR);
  const { text, name, position, company } = SAID[locale];
  const lines = letter.text.split(/\r?\n/);
  for (const line of [...text.split("\n"), `— ${name}, ${position}, ${company}`]) assert.ok(lines.includes(`    ${line}`), letter.text);
  return linkIn(letter);
}

function linkIn(letter) {
  const link = /http\S+\/testimonials\/answer\S+/.exec(letter.text)?.[0];
  assert.ok(link, letter.text);
  return link;
}

// What everybody reads on both pages where testimonials stand.
async function published(at, page) {
  const texts = [];
  for (const path of ["/testimonials", "/"]) {
    await page.goto(at.at(path));
    texts.push(await page.locator("main").innerText());
  }
  return texts;
}

async function assertForEveryone(page, paths, at) {
  const found = [];
  for (const path of paths) {
    if (path) await page.goto(path.startsWith("http") ? path : at.at(path));
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

for (const locale of LOCALES) {
  const said = SAID[locale];

  test(`${locale}: an author agrees without scripts or cookies, it is published, a change hides it, and it is taken back`, { skip: missing }, async (t) => {
    const at = await office(t);
    const staff = await drafted(at, locale);
    for (const path of ["/console/testimonials", "/console/testimonials/1"]) {
      await staff.goto(at.at(path));
      const masked = await staff.content();
      for (const hidden of [said.name, said.company, AUTHOR, said.text.split("\n")[0]]) assert.ok(!masked.includes(hidden), path);
    }
    const link = await asked(at, staff, locale);

    const context = await refuser(t, { locale, viewport: { width: 360, height: 800 } });
    const author = await context.newPage();
    for (let looks = 0; looks < 2; looks += 1) await author.goto(link);
    assert.equal(await author.locator("html").getAttribute("lang"), said.language);
    const shown = await author.locator("main").innerText();
    for (const part of [...said.text.split("\n"), `— ${said.name}, ${said.position}, ${said.company}`]) assert.ok(shown.includes(part), part);
    assert.ok(!shown.includes(AUTHOR));
    await assertNoSidewaysScroll(author);
    for (const text of await published(at, author)) assert.ok(!text.includes(said.name), "looking publishes nothing");

    await author.goto(link);
    await author.locator('main button[value="agree"]').click();
    await author.waitForURL((url) => url.searchParams.get("as") === "agreed");
    for (const text of await published(at, author)) assert.ok(text.includes(said.name) && text.includes(said.company));
    assert.equal(await author.locator("figure.voice").getAttribute("lang"), said.language);
    const first = linkIn(await at.outbox.next(AUTHOR));

    await staff.goto(at.at("/console/testimonials/1"));
    await fill(staff, { name: "Q." });
    await staff.locator('form[action$="/change"] [type=submit]').click();
    await staff.waitForURL((url) => url.searchParams.get("saved") === "testimonial-changed");
    for (const text of await published(at, author)) assert.ok(!text.includes(said.company), "a changed letter unpublishes it");
    assert.equal((await author.goto(first)).status(), 404);

    await staff.goto(at.at("/console/testimonials/1"));
    await staff.locator('form[action$="/ask"] [type=submit]').click();
    await staff.waitForURL((url) => url.searchParams.get("saved") === "testimonial-asked");
    await author.goto(linkIn(await at.outbox.next(AUTHOR)));
    await author.locator('main button[value="agree"]').click();
    await author.waitForURL((url) => url.searchParams.get("as") === "agreed");
    for (const text of await published(at, author)) assert.ok(text.includes(`— Q., ${said.position}`));

    await author.goto(linkIn(await at.outbox.next(AUTHOR)));
    await author.locator('main button[value="withdraw"]').click();
    await author.waitForURL((url) => url.searchParams.get("as") === "withdrawn");
    for (const text of await published(at, author)) assert.ok(!text.includes(said.company), "it vanishes at once");
    assert.deepEqual(await context.cookies(), []);

    await staff.goto(at.at("/console/audit"));
    const log = await staff.content();
    for (const hidden of [said.name, said.company, AUTHOR]) assert.ok(!log.includes(hidden), "the audit log names nobody");
    const figures = await staff.locator("main dl dd").allInnerTexts();
    assert.equal(figures[0], figures[1], "values opened = readings recorded");
  });

  test(`${locale}: an author declines, and the words are gone`, { skip: missing }, async (t) => {
    const at = await office(t);
    const staff = await drafted(at, locale);
    const link = await asked(at, staff, locale);
    const author = await at.stranger({ locale });
    await author.goto(link);
    await author.locator('main button[value="decline"]').click();
    await author.waitForURL((url) => url.searchParams.get("as") === "declined");
    for (const text of await published(at, author)) assert.ok(!text.includes(said.name));
    assert.equal((await author.goto(link)).status(), 404);
    await staff.goto(at.at("/console/testimonials/1"));
    assert.equal(await staff.locator("main form").count(), 0, "nothing is left to open, change or ask");
  });

  test(`${locale}: the author sees the consent in their account, takes it back there, and it vanishes`, { skip: missing }, async (t) => {
    const at = await office(t);
    const staff = await drafted(at, locale);
    const author = await at.stranger({ locale });
    await author.goto(await asked(at, staff, locale));
    await author.locator('main button[value="agree"]').click();
    await author.waitForURL((url) => url.searchParams.get("as") === "agreed");
    await at.outbox.next(AUTHOR);
    await at.enterAccount(author, AUTHOR);
    await author.waitForURL((url) => url.pathname === "/account");
    const exported = await (await author.request.get(at.at("/account/export.json"))).json();
    assert.deepEqual(
      exported.testimonials.map(({ status, text, lines }) => ({ status, text, lines })),
      [{ status: "agreed", text: said.text, lines: [said.name, said.position, said.company] }],
    );
    await author.locator('section[aria-labelledby="consents"] form[action^="/account/consents"] [type=submit]').click();
    await author.waitForURL((url) => url.searchParams.get("done") === "withdrawn");
    for (const text of await published(at, author)) assert.ok(!text.includes(said.name));
  });

  test(`${locale}: pages of testimonials are for everyone, at every width, light and dark`, { skip: missing }, async (t) => {
    const at = await office(t);
    const staff = await drafted(at, locale);
    await assertForEveryone(staff, ["/console/testimonials", "/console/testimonials/new", "/console/testimonials/1"], at);
    await staff.locator('form[action$="/open"] [type=submit]').click();
    await assertForEveryone(staff, [null], at);
    const link = await asked(at, staff, locale);
    const author = await at.stranger({ locale, bypassCSP: true });
    await assertForEveryone(author, [link], at);
    await author.locator('main button[value="agree"]').click();
    await author.waitForURL((url) => url.searchParams.get("as") === "agreed");
    await assertForEveryone(author, [null, "/testimonials", "/", linkIn(await at.outbox.next(AUTHOR))], at);
    await assertForEveryone(author, ["/testimonials/answer?token=x"], at);
  });
}
