// The tracker: counts a page and what is done on it. Served as `GET /a.js?site=DOMAIN`; `docs/tracker.md` tells its use.
//
// Must never: read what is typed into a form, set a cookie or an id without the visitor's consent, break the page.
// `cargo x tracker` writes `a.min.js` from this file: it takes out comments and blanks and gives each name that
// begins with `$` one letter. Hence: semicolons everywhere, no name of one letter, `$` on every name of our own, and
// a terse manner in places: 1,536 bytes gzipped are all there is (`xtask/tests/tracker.rs`).
// The server puts 1 or 0 for the word in capitals: whether the site's manifest allows the visitor's cookie.
//
// Kept in localStorage, only after the visitor's own act or where sending failed:
//   anturazh_consent  what the visitor said about being remembered, "granted" or "denied"
//   anturazh_optout   present after the visitor asked not to be counted
//   anturazh_queue    the last 50 events that could not be sent; they name no visitor, and `age_ms` is their time of day
(() => {
  const $data = document.currentScript.dataset;
  const [$server, $site] = document.currentScript.src.split(/\/a\.js.{0,6}/);
  let $store = {};
  let $path;
  let $here;
  let $from;
  let $words;

  // Where storage is forbidden, a choice lasts as long as the page.
  try {
    $store = localStorage || $store;
  } catch {}

  // Without encryption there is no cookie either, and the id of an event needs no more than that.
  const $random = () => "" + (crypto.randomUUID?.() || Math.random());

  // A refusal wins, wherever it was made: the two words sort so.
  const $consent = () => navigator.globalPrivacyControl || $store.anturazh_optout ? "denied" : [$store.anturazh_consent, $data.consent].sort()[0];

  // The value of the visitor's cookie: made when it may be and is not there yet, removed when it may not be.
  const $visitor = () => {
    const $it = __COOKIE__ && $consent() == "granted";
    const $read = () => /\b_anturazh=([^;]+)/.exec(document.cookie)?.[1];
    $it && $read() || (document.cookie = "_anturazh=" + $random() + ";path=/;secure;samesite=lax;max-age=" + $it * 34128e3);
    return $read();
  };

  const $undelivered = () => JSON.parse($store.anturazh_queue || "[]");

  // Sends again what could not be sent. The server stores an event once, however often its id comes.
  const $resume = () => {
    const $it = $undelivered();
    delete $store.anturazh_queue;
    $it.map($send);
  };

  const $send = $event => {
    const $body = JSON.stringify({...$event, age_ms: Date.now() - $event.age_ms, visitor: $visitor(), consent: $consent()});
    const $to = $server + "/api/v1/events";
    const $keep = () => $store.anturazh_queue = JSON.stringify([...$undelivered(), $event].slice(-50));
    const $pixel = () => Object.assign(new Image(), {onload: $resume, onerror: $keep, src: $server + "/p.gif?event=" + encodeURIComponent($body)});
    "keepalive" in Request.prototype ? fetch($to, {method: "POST", body: $body, keepalive: true}).then($it => $it.status > 428 ? $keep() : $resume(), $pixel) : navigator.sendBeacon($to, $body) ? $resume() : $pixel();
  };

  const $track = ($name, $value, $more) => $store.anturazh_optout || $send({
    site: $site || $data.site,
    name: $name,
    url: $here,
    referrer: $from,
    title: document.title,
    properties: $value,
    interactive: $name != "not_found",
    screen: screen.width,
    id: $random(),
    age_ms: Date.now(),
    ...$more
  });

  const $choices = {
    consent: $it => $store.anturazh_consent = $it == "granted" ? $it : "denied",
    optout: () => delete $store.anturazh_queue & ($store.anturazh_optout = 1),
    optin: () => delete $store.anturazh_optout
  };

  const $api = ($name, $value, $more) =>
    $choices[$name] ? $visitor($choices[$name]($value)) :
    $name == "purchase" || $name == "refund" ? $track($name, $more, {[$name]: $value}) :
    $track($name, $value, $more);

  // A view of the page where the address has another path than before; a search where it has other words.
  const $view = () => {
    const $value = "hash" in $data ? location.href.replace(/(\?.*)?#(.*)/, "%23$2$1") : location.href;
    if ($path != ($path = $value.split(/[?#]/)[0])) {
      $from = $here || document.referrer;
      $here = $value;
      $track("page_view");
      document.querySelector("meta[name=anturazh]") && $track("not_found");
    }
    $words != ($words = ($data.search || "q,s,query,search,text").split(",").map($it => new URLSearchParams(location.search).get($it)).find($it => $it)) && $words && $track("site_search", {query: $words});
  };

  // Frameworks set the title a moment after the address.
  const $moved = () => setTimeout($view, 99);

  const $click = $event => {
    const [$it, $link] = ["[data-anturazh-event]", "a[href]"].map($it => $event.button > 1 ? 0 : $event.target.closest($it));
    const $value = {};
    if ($it && ("submit" in $it) == ($event.type == "submit")) {
      for (const {name, value} of $it.attributes) $value[name.split("data-anturazh-")[1]] = value;
      $track($value.event, $value, $value.event = $value[undefined] = undefined);
    }
    const $name = $link?.host && ($link.download || /\.(pdf|(doc|xls|ppt)x?|od[tsp]|csv|txt|epub|zip|rar|7z|gz|exe|dmg|apk|mp[34])$/i.test($link.pathname) ? "file_download" : $link.host != location.host && "outbound_link");
    $name && $track($name, {url: $link.href});
  };

  const $start = () => {
    const $value = window.anturazh?.q || [];
    window.anturazh = $api;
    $api.on = true;
    $value.map($it => $choices[$it[0]] && $api(...$it));
    $view();
    $value.map($it => $api(...$it));
    ["pushState", "replaceState"].map($name => {
      const $value = history[$name];
      history[$name] = (...$it) => $moved($value.apply(history, $it));
    });
    addEventListener("popstate", $moved);
    addEventListener("online", $resume);
    ["click", "auxclick", "submit"].map($it => addEventListener($it, $click, true));
    addEventListener("pageshow", $it => $it.persisted && $view($path = 0));
  };

  document.prerendering ? document.addEventListener("prerenderingchange", $start) : location.host && (window.anturazh?.on || $start());
})();
