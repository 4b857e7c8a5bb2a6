//! Passwords that everyone tries first.

/// Words that passwords are made of by adding digits and signs. In lower case, longer ones before their parts.
const STEMS: &[&str] = &[
    "password",
    "passw0rd",
    "passwort",
    "parol",
    "пароль",
    "qwerty",
    "qwertz",
    "azerty",
    "йцукен",
    "administrator",
    "admin",
    "root",
    "welcome",
    "willkommen",
    "letmein",
    "iloveyou",
    "monkey",
    "dragon",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "batman",
    "trustno",
    "changeme",
    "secret",
    "default",
    "anturazh",
    "антураж",
    "analytics",
    "company",
    "summer",
    "winter",
    "spring",
    "autumn",
    "test",
    "login",
    "master",
    "hello",
];

/// Rows of keyboards and other runs, of which any part is weak.
const RUNS: &[&str] = &[
    "01234567890123456789",
    "09876543210987654321",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "йцукенгшщзхъфывапролджэячсмитьбю",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
];

/// Fewer different characters than this are no password.
const FEWEST_DIFFERENT: usize = 5;
/// A date has so many digits.
const FEW_DIGITS: usize = 8;

/// Whether a password, in lower case, is one that everyone tries first.
pub(crate) fn is_weak(folded: &str) -> bool {
    let mut different: Vec<char> = folded.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < FEWEST_DIFFERENT || RUNS.iter().any(|run| run.contains(folded)) {
        return true;
    }
    // What is left of it without such words must be worth something: some letters, or many digits in no order.
    let rest = STEMS
        .iter()
        .fold(folded.to_owned(), |rest, stem| rest.replace(stem, ""));
    let letters = rest.chars().filter(|c| c.is_alphabetic()).count();
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    rest.len() < folded.len()
        && letters < FEWEST_DIFFERENT
        && (digits.len() <= FEW_DIGITS || RUNS.iter().any(|run| run.contains(&digits)))
}
