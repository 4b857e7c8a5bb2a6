// Asks again and again until there is an answer, and fails saying what was waited for.
export async function until(what, ask, within_ms = 5_000) {
  const end = Date.now() + within_ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${within_ms} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
