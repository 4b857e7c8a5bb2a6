//! The two letters to the author of a testimonial, in both languages: the question, and the news of the publication.

use people::{Language, Said};
use std::fmt::Write as _;

/// A letter's subject and text.
pub(crate) type Letter = (&'static str, String);

/// The question. `site` is the address of our site, `link` leads to the answer.
pub(crate) fn asking(language: Language, said: &Said, site: &str, link: &str) -> Letter {
    let quote = quote(language, said);
    match language {
        Language::En => (
            "May we publish what you said of our work?",
            format!(
                "Hello,\n\nwe would like to publish on our site what you said of our work. Nothing is published unless \
                 you agree. This is exactly what would stand there:\n\n{quote}\n\
                 Your e-mail address is not published.\n\n\
                 To agree or to decline, open this page and press one of its two buttons. It shows the consent in \
                 full:\n\n{link}\n\n\
                 The link works for 30 days and answers once. If you do nothing, nothing is published, and after that \
                 we destroy the words and your address. How we keep them until then:\n\
                 {site}/wordings/testimonial-draft\n\n\
                 If you agree, you can take that back at any time.\n"
            ),
        ),
        Language::Ru => (
            "Можно ли опубликовать ваши слова о нашей работе?",
            format!(
                "Здравствуйте!\n\nМы хотели бы опубликовать на своём сайте то, что вы сказали о нашей работе. Без \
                 вашего согласия ничего не публикуется. Вот что там будет стоять, слово в слово:\n\n{quote}\n\
                 Ваш адрес электронной почты не публикуется.\n\n\
                 Чтобы согласиться или отказаться, откройте эту страницу и нажмите одну из двух кнопок. На странице \
                 есть полный текст согласия:\n\n{link}\n\n\
                 Ссылка действует 30 дней, ответить можно один раз. Если вы ничего не сделаете, ничего не будет \
                 опубликовано, а потом мы уничтожим и слова, и ваш адрес. Как мы храним их до этого:\n\
                 {site}/wordings/testimonial-draft\n\n\
                 Если вы согласитесь, согласие можно отозвать в любое время.\n"
            ),
        ),
    }
}

/// The news that it is published. `link` leads to where it is taken back.
pub(crate) fn published(language: Language, said: &Said, site: &str, link: &str) -> Letter {
    let quote = quote(language, said);
    match language {
        Language::En => (
            "What you said of our work is published",
            format!(
                "Hello,\n\nyou agreed, and now it stands on our site, {site}/testimonials:\n\n{quote}\n\
                 To take it back, at any time, open this page and press the button. It vanishes from the site at \
                 once, and we destroy the words:\n\n{link}\n\n\
                 Please keep this letter: the link works as long as your words are published.\n"
            ),
        ),
        Language::Ru => (
            "Ваши слова о нашей работе опубликованы",
            format!(
                "Здравствуйте!\n\nВы согласились, и теперь на нашем сайте, {site}/testimonials, стоит:\n\n{quote}\n\
                 Чтобы отозвать отзыв, в любое время откройте эту страницу и нажмите кнопку. Он сразу исчезнет с \
                 сайта, а слова мы уничтожим:\n\n{link}\n\n\
                 Сохраните это письмо: ссылка действует, пока ваши слова опубликованы.\n"
            ),
        ),
    }
}

/// What stands there: the words set in, and under them the lines, or that there are none.
fn quote(language: Language, said: &Said) -> String {
    let mut quote = String::new();
    for line in said.text.reveal().lines() {
        let _ = writeln!(quote, "    {line}");
    }
    let lines = said.lines();
    if lines.is_empty() {
        let nobody = match language {
            Language::En => "(Nobody is named.)",
            Language::Ru => "(Никто не назван.)",
        };
        let _ = writeln!(quote, "\n    {nobody}");
    } else {
        let _ = writeln!(quote, "\n    — {}", lines.join(", "));
    }
    quote
}

#[cfg(test)]
mod tests {
    use super::*;
    use credentials::Sealed;

    #[test]
    fn both_letters_hold_every_word_and_line_and_the_link() {
        let sealed = |text: &str| Sealed::new(text.into());
        let named = Said {
            text: sealed("Good work.\nReally."),
            name: Some(sealed("Olga P.")),
            position: None,
            company: Some(sealed("Leuchtwerk")),
        };
        let bare = Said {
            name: None,
            company: None,
            ..named.clone()
        };
        for &language in Language::ALL {
            for letter in [asking, published] {
                let (subject, text) = letter(
                    language,
                    &named,
                    "https://a.example",
                    "https://a.example/x?token=t",
                );
                assert!(!subject.is_empty());
                for part in [
                    "\n    Good work.\n    Really.\n\n    — Olga P., Leuchtwerk\n",
                    "\n\nhttps://a.example/x?token=t\n\n",
                ] {
                    assert!(text.contains(part), "{part} in {text}");
                }
                let (_, text) = letter(language, &bare, "https://a.example", "l");
                assert!(!text.contains("— ") && text.contains("    ("), "{text}");
            }
        }
    }
}
