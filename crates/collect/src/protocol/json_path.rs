//! Which field of a JSON text a parser's error is about.

/// Where in the bytes an error of `serde_json` happened.
pub(in crate::protocol) fn offset(body: &[u8], error: &serde_json::Error) -> usize {
    let line_start = match error.line() {
        0 | 1 => 0,
        line => body
            .iter()
            .enumerate()
            .filter(|(_, b)| **b == b'\n')
            .nth(line - 2)
            .map_or(0, |(at, _)| at + 1),
    };
    (line_start + error.column().saturating_sub(1)).min(body.len())
}

/// The fields that enclose the byte at `offset`, from the outside in, as names and places in lists; and which of the
/// values that stand one after another at the top it is. Names that are not `known` are not repeated: they end the path.
pub(in crate::protocol) fn path_at(body: &[u8], offset: usize, known: &[&str]) -> (usize, String) {
    enum Open {
        List(usize),
        Object(Option<Vec<u8>>),
    }
    let mut open: Vec<Open> = Vec::new();
    let mut values = 0usize;
    let mut at = 0;
    let mut key_is_next = false;
    while at < offset.min(body.len()) {
        match body[at] {
            b'{' => {
                open.push(Open::Object(None));
                key_is_next = true;
            }
            b'[' => open.push(Open::List(0)),
            b'}' | b']' => {
                open.pop();
                key_is_next = false;
                if open.is_empty() {
                    values += 1;
                }
            }
            b',' => match open.last_mut() {
                Some(Open::List(place)) => *place += 1,
                Some(Open::Object(key)) => {
                    *key = None;
                    key_is_next = true;
                }
                None => {}
            },
            b'"' => {
                let start = at + 1;
                at = start;
                while at < body.len() && body[at] != b'"' {
                    at += if body[at] == b'\\' { 2 } else { 1 };
                }
                if at >= offset && !key_is_next {
                    break;
                }
                if key_is_next && let Some(Open::Object(key)) = open.last_mut() {
                    *key = body.get(start..at).map(<[u8]>::to_vec);
                    key_is_next = false;
                }
            }
            _ => {}
        }
        at += 1;
    }
    let mut path = String::new();
    for level in &open {
        match level {
            Open::List(place) => path.push_str(&["[", &place.to_string(), "]"].concat()),
            Open::Object(Some(key)) => match known.iter().find(|name| name.as_bytes() == key.as_slice()) {
                Some(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                }
                None => break,
            },
            Open::Object(None) => break,
        }
    }
    (values, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_leads_to_the_byte_and_repeats_no_unknown_name() {
        let known = ["a", "b", "c"];
        for (body, marker, values, path) in [
            (r#"{"a":#}"#, "#", 0, "a"),
            (r##"{"a":"#"}"##, "#", 0, "a"),
            (r#"{"a":"\"}","b":{"c":[1,2,#]}}"#, "#", 0, "b.c[2]"),
            (r#"[{"a":1},{"b":#}]"#, "#", 0, "[1].b"),
            (r#"{"a":1}{"a":2}{"secret":#}"#, "#", 2, ""),
            (r#"{"a":{"secret":{"b":#}}}"#, "#", 0, "a"),
            (r#"{"a":1,#"#, "#", 0, ""),
            (r#"{"a" #"#, "#", 0, "a"),
        ] {
            let offset = body.find(marker).unwrap();
            assert_eq!(
                path_at(body.as_bytes(), offset, &known),
                (values, path.into()),
                "{body}"
            );
        }
    }
}
