//! Lines of web servers' logs, combined and Caddy's.
#![no_main]

use collect::import::{Format, LogLine, caddy, combined, page_rule};

/// The line in the combined format, if nothing in it needs escapes.
fn written(line: &LogLine<'_>) -> Option<String> {
    let plain = |text: &str| {
        !text.is_empty()
            && text != "-"
            && text
                .bytes()
                .all(|byte| byte > b' ' && byte < 0x7f && !b"\"\\".contains(&byte))
    };
    let agent = line.user_agent.as_deref()?;
    let texts = [line.remote, &line.method, &line.target, &line.referrer, agent];
    let time = jiff::Timestamp::from_millisecond(line.time.0).ok()?;
    let time = time.strftime("%d/%b/%Y:%H:%M:%S +0000");
    (texts.into_iter().all(plain)
        && line.host.is_empty()
        && line.method.bytes().all(|byte| byte.is_ascii_uppercase()))
    .then(|| {
        let bytes = line.bytes.map_or("-".to_owned(), |bytes| bytes.to_string());
        let LogLine {
            remote,
            method,
            target,
            status,
            referrer,
            ..
        } = line;
        format!(
            r#"{remote} - - [{time}] "{method} {target} HTTP/1.1" {status:03} {bytes} "{referrer}" "{agent}""#
        )
    })
}

fn limits(line: &LogLine<'_>, length: usize) {
    let agent = line.user_agent.as_deref().unwrap_or_default();
    for text in [
        line.remote,
        &line.method,
        &line.target,
        &line.referrer,
        agent,
        &line.language,
        line.host,
    ] {
        assert!(
            text.len() <= 3 * length,
            "unescaping makes at most a replacement character of a byte"
        );
    }
    let _ = page_rule::is_page(line);
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _ = Format::detect(input.split(|byte| *byte == b'\n'));
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Ok(line) = combined::read(text) {
        assert!(!line.remote.is_empty() && line.status < 1000);
        limits(&line, text.len());
        if let Some(again) = written(&line) {
            assert!(combined::read(&again) == Ok(line), "{text:?} and {again:?}");
        }
    }
    if let Ok(line) = caddy::read(text) {
        limits(&line, text.len());
    }
});
