//! Robots, by what they say of themselves. The list is `data/bot_tokens.txt`.

use aho_corasick::{AhoCorasick, MatchKind};
use std::sync::LazyLock;

struct Tokens {
    matcher: AhoCorasick,
    /// By number of the pattern: whether it speaks for a robot or takes back.
    robot: Vec<bool>,
}

static TOKENS: LazyLock<Tokens> = LazyLock::new(|| {
    let lines = include_str!("../../data/bot_tokens.txt").lines();
    let tokens: Vec<&str> = lines
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
        .collect();
    let matcher = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(
            tokens
                .iter()
                .map(|token| token.strip_prefix('!').unwrap_or(token)),
        )
        .expect("a few hundred short texts compile");
    Tokens {
        matcher,
        robot: tokens.iter().map(|token| !token.starts_with('!')).collect(),
    }
});

/// How the User-Agents of browsers begin, of old telephones too.
const BROWSERS_BEGIN: &[&str] = &[
    "mozilla/",
    "opera/",
    "opera ",
    "midori/",
    "nokia",
    "samsung",
    "sec-",
    "blackberry",
    "sonyericsson",
    "lg",
    "mot-",
    "motorola",
    "htc",
    "ucweb",
    "sie-",
    "zte",
    "huawei",
    "alcatel",
    "philips",
    "sharp",
    "docomo",
    "kddi",
    "palm",
    "benq",
    "panasonic",
    "sagem",
    "vodafone",
    "j-phone",
    "softbank",
    "portalmmm",
    "pantech",
    "micromax",
    "spice",
    "karbonn",
    "lenovo",
    "tianyu",
    "nec-",
    "sanyo",
    "amoi",
    "bird",
    "haier",
    "lava",
    "fly",
    "ericsson",
    "helio",
    "jolla",
    "amaya",
    "lynx/",
    "links",
    "w3m",
    "elinks",
    "emacs-w3m",
    "konqueror",
    "dillo",
    "netsurf",
    "microsoft internet explorer",
    "playstation",
    "psp",
    "bunjalloo",
    "contiki",
    "doris",
    "iris",
    "galaxy",
    "icab",
    "ibrowse",
    "amigavoyager",
    "aweb",
    "mobilesafari",
    "ucbrowser",
    "mqqbrowser",
    "qqbrowser",
    "j2me/",
    "iuc(",
    "(opera)",
    "gt-",
    "sgh-",
    "sph-",
    "sch-",
    "sm-",
    "chtml",
    "upg1",
];

/// Whether a User-Agent is that of a robot, a tool or a library: it names itself one, it is no browser's at all,
/// or it is empty or so bare that no browser sends it.
pub fn is_bot(user_agent: &str) -> bool {
    let user_agent = user_agent.trim();
    if user_agent.len() < 16 {
        // Mozilla/5.0 alone among them.
        return true;
    }
    let begins = |begin: &&str| {
        user_agent
            .get(..begin.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(begin))
    };
    !BROWSERS_BEGIN.iter().any(begins)
        || TOKENS
            .matcher
            .find_iter(user_agent)
            .any(|found| TOKENS.robot[found.pattern().as_usize()])
}
