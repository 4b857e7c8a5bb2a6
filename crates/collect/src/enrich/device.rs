//! The kind of computer, by words in the User-Agent.

/// Words of televisions, boxes and sticks.
const TELEVISIONS: &str = "\
smart-tv|smarttv|smart tv|googletv|google tv|apple tv|appletv|android tv|androidtv|hbbtv\
|netcast|web0s|webos.tv|bravia|roku|crkey|viera|dtv|mitv|mibox|tvos|philipstv|netrange|aquos-tv\
|afts|aftt|aftm|aftb|aftn|aftka|shield android|tv build|tv safari|pov_tv|ce-html|(tv;|; tv;\
|inettvbrowser|maple ";
/// Words of game consoles.
const CONSOLES: &str = "playstation|xbox|nintendo|steam deck|steamdeck";
/// Words of tablets that do not say so.
const TABLETS: &str = "\
ipad|kindle|playbook|sm-t|sm-x|sm-p|gt-p|nexus 7|nexus 9|nexus 10|lenovo tab|tab p1|galaxy tab\
|mediapad|matepad|xoom|touchpad|mi pad|redmi pad|kftt|kfot|kfth|kfap|kfjw|kfar|kfsa|kfme|kffo\
|kfgi|kfdo|kfau|hudl|transformer|yoga tab";
/// Words of telephones.
const PHONES: &str = "\
mobi|iphone|ipod|windows phone|windows ce|iemobile|blackberry|bb10|opera mini|symb|series60\
|series40|nokia|midp|j2me|ucweb|palm|kaios|bada|meego|docomo|kddi|sonyericsson|samsung-|lg-\
|mot-|htc|phone";
/// Words of systems that run on desks and laps.
const DESKTOPS: &str = "\
windows|macintosh|mac os x|mac_power|x11|linux|cros |freebsd|openbsd|netbsd|sunos|os/2|beos\
|haiku|amiga|win98|win95|win 9x|winnt|mac_ppc";

/// `desktop`, `mobile`, `tablet`, `tv`, `console` or `other`. `system` is the system's family as shown, `mobile` the
/// client hint `Sec-CH-UA-Mobile`.
pub fn kind(user_agent: &str, system: &str, mobile: Option<&str>) -> &'static str {
    let lower = user_agent.to_ascii_lowercase();
    let any = |words: &str| words.split('|').any(|word| lower.contains(word));
    let mobile = match mobile.map(str::trim) {
        Some("?1") => Some(true),
        Some("?0") => Some(false),
        _ => None,
    };
    if any(CONSOLES) {
        "console"
    } else if any(TELEVISIONS) || (lower.contains("tizen") && lower.contains("tv")) {
        "tv"
    } else if any(TABLETS) || (lower.contains("tablet") && !lower.contains("tablet pc")) {
        "tablet"
    } else if system == "Android" || lower.contains("android") {
        // Android without the word Mobile is a tablet by Google's own advice; apps name no kind at all.
        let tablet = match mobile {
            Some(mobile) => !mobile,
            None => !any("mobi|opera mini|ucweb") && lower.contains("mozilla/"),
        };
        if tablet { "tablet" } else { "mobile" }
    } else if system == "iOS" || mobile == Some(true) {
        "mobile"
    } else if matches!(system, "Windows" | "macOS" | "Chrome OS") && !any("windows phone|iemobile") {
        "desktop"
    } else if any(PHONES) {
        "mobile"
    } else if mobile == Some(false) || any(DESKTOPS) {
        "desktop"
    } else {
        "other"
    }
}
