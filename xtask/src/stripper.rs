//! Makes `tracker/a.min.js` from `tracker/a.js`: no comments, no blanks, one letter for each name beginning with `$`.
//!
//! It knows just as much of the language as the tracker uses, and refuses the rest: no template literals, no block
//! comments, a semicolon after every statement. A name stands for the same letter in the whole file, so the source
//! uses the same name again where scopes allow.

use crate::Failure;
use std::collections::HashMap;

/// Letters for names, the most frequent in English first: they are the most frequent in the rest of the script too,
/// and so the cheapest when compressed.
const LETTERS: &str = "etnaoirscludphmgfvwbyzxkjqETNAOIRSCLUDPHMGFVWBYZ";

/// Longest two- and three-character operators in which blanks or splitting would matter.
const OPERATORS: &[&str] = &[
    "...", "===", "!==", "=>", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=",
];

/// The script without what only people need.
pub fn strip(source: &str) -> Result<String, Failure> {
    let tokens = join_declarations(tokens(source)?);
    let letters = letters(&tokens)?;
    let mut text = String::new();
    for token in &tokens {
        let token = letters.get(token).map_or(token.as_str(), String::as_str);
        let sign = |c: char| c == '+' || c == '-';
        if text.ends_with(in_name) && token.starts_with(in_name)
            || text.ends_with(sign) && token.starts_with(sign)
        {
            text.push(' ');
        }
        text.push_str(token);
    }
    text.push('\n');
    Ok(text)
}

fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

fn tokens(source: &str) -> Result<Vec<String>, Failure> {
    let mut tokens: Vec<String> = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
            continue;
        } else if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
            continue;
        } else if first == '`' || rest.starts_with("/*") {
            return Err("tracker/a.js: template literals and block comments are not understood".into());
        } else if first == '"' || first == '\'' {
            quoted(rest, first)?
        } else if in_name(first) {
            rest.find(|c| !in_name(c)).unwrap_or(rest.len())
        } else if first == '/' && begins_a_pattern(tokens.last()) {
            pattern(rest)?
        } else {
            OPERATORS
                .iter()
                .find(|o| rest.starts_with(**o))
                .map_or(first.len_utf8(), |o| o.len())
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token.into());
        rest = after;
    }
    Ok(tokens)
}

/// A slash after a name, a number, `)` or `]` divides; anywhere else it begins a regular expression.
fn begins_a_pattern(before: Option<&String>) -> bool {
    before.is_none_or(|token| !token.ends_with(|c| in_name(c) || c == ')' || c == ']'))
}

fn quoted(text: &str, quote: char) -> Result<usize, Failure> {
    let mut escaped = false;
    for (place, c) in text.char_indices().skip(1) {
        if c == '\n' {
            break;
        }
        if c == quote && !escaped {
            return Ok(place + 1);
        }
        escaped = c == '\\' && !escaped;
    }
    Err(format!(
        "tracker/a.js: a string without an end: {}",
        text.lines().next().unwrap_or_default()
    ))
}

fn pattern(text: &str) -> Result<usize, Failure> {
    let (mut escaped, mut in_class) = (false, false);
    for (place, c) in text.char_indices().skip(1) {
        match c {
            '\n' => break,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => {
                let flags = text[place + 1..].find(|c: char| !c.is_ascii_lowercase());
                return Ok(flags.map_or(text.len(), |n| place + 1 + n));
            }
            _ => {}
        }
    }
    Err(format!(
        "tracker/a.js: a pattern without an end: {}",
        text.lines().next().unwrap_or_default()
    ))
}

/// `const` becomes `let`, neighbouring declarations become one, `true` and `false` are written `!0` and `!1`, and the
/// semicolon before `}` goes.
fn join_declarations(tokens: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::with_capacity(tokens.len());
    // For each open bracket, whether the statement now read inside it is a declaration.
    let mut declaring = vec![false];
    for token in tokens {
        let after_statement = joined.last().is_some_and(|t| t == ";");
        let depth = declaring.len() - 1;
        match token.as_str() {
            "const" | "let" => {
                if after_statement && declaring[depth] {
                    joined.pop();
                    joined.push(",".into());
                } else {
                    declaring[depth] = true;
                    joined.push("let".into());
                }
                continue;
            }
            "(" | "[" | "{" => {
                if after_statement {
                    declaring[depth] = false;
                }
                declaring.push(false);
            }
            ")" | "]" | "}" => {
                declaring.pop();
                if token == "}" && after_statement {
                    joined.pop();
                }
            }
            _ if after_statement => declaring[depth] = false,
            _ => {}
        }
        joined.push(match token.as_str() {
            "true" => "!0".into(),
            "false" => "!1".into(),
            _ => token,
        });
    }
    joined
}

/// A letter for each name of our own, the most used first, at equal use the one that comes first.
fn letters(tokens: &[String]) -> Result<HashMap<String, String>, Failure> {
    let mut uses: Vec<(&String, usize)> = Vec::new();
    for token in tokens.iter().filter(|t| t.starts_with('$')) {
        match uses.iter_mut().find(|(name, _)| *name == token) {
            Some((_, count)) => *count += 1,
            None => uses.push((token, 1)),
        }
    }
    for pair in tokens.windows(2) {
        if pair[1].len() == 1 && pair[1].starts_with(char::is_alphabetic) && !pair[0].ends_with('.') {
            return Err(format!(
                "tracker/a.js: `{}` is a name of one letter; those are given by this program",
                pair[1]
            ));
        }
    }
    uses.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    if uses.len() > LETTERS.len() {
        return Err(format!(
            "tracker/a.js: {} names are more than there are letters",
            uses.len()
        ));
    }
    Ok(uses
        .iter()
        .zip(LETTERS.chars())
        .map(|((name, _), letter)| ((*name).clone(), letter.to_string()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn what_only_people_need_goes() {
        for (source, want) in [
            ("", "\n"),
            ("// nothing\n", "\n"),
            ("let $one = 1;", "let e=1;\n"),
            (
                "const $one = 1;\nconst $two = $one / 2 / $one;",
                "let e=1,t=e/2/e;\n",
            ),
            (
                "let $one = \"// no comment  'here'\";",
                "let e=\"// no comment  'here'\";\n",
            ),
            ("$one = '\\'' + \"$one\";", "e='\\''+\"$one\";\n"),
            ("$one(/[/]\\/ $two/i, 1);", "e(/[/]\\/ $two/i,1);\n"),
            ("return typeof $one;", "return typeof e;\n"),
            (
                "for (const $one of $two) {\n  $one();\n}",
                "for(let e of t){e()}\n",
            ),
            (
                "() => {\n  const $one = 1;\n  go();\n  const $two = 2;\n};",
                "()=>{let e=1;go();let t=2};\n",
            ),
            ("$one?.q ?? {...$one}", "e?.q??{...e}\n"),
            ("go(true, false);", "go(!0,!1);\n"),
            ("$one - -$one;", "e- -e;\n"),
        ] {
            assert_eq!(strip(source).unwrap(), want, "{source}");
        }
    }

    #[test]
    fn what_it_does_not_understand_is_refused() {
        for source in ["`text`", "/* block */", "\"open", "$one(/open", "let a = 1;"] {
            assert!(strip(source).is_err(), "{source}");
        }
    }
}
