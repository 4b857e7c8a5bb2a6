// Chromium, as people have it: with a window's size, a language, and no word of being driven in its User-Agent.

import { chromium } from "playwright-core";

export const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

// Starts the browser.
export async function browser() {
  return chromium.launch(launching());
}

// How it is started. shop.example, other.example and stats.example lead to this machine.
export function launching() {
  return {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--host-resolver-rules=MAP *.example 127.0.0.1",
      "--disable-blink-features=AutomationControlled",
      "--disable-dev-shm-usage",
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
  };
}

// A visitor's own browser profile. Options as in Playwright's `newContext`.
export function visitor(browser, options = {}) {
  return browser.newContext({
    userAgent: USER_AGENT,
    locale: "en-GB",
    viewport: { width: 1280, height: 800 },
    screen: { width: 1920, height: 1080 },
    ...options,
  });
}
