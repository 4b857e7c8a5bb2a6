//! What letters say of consents, in both languages: the question, the news that one is given, and the lines under other
//! letters.

use people::Language;
use std::fmt::Write as _;

/// A letter's subject and text.
pub(crate) type Letter = (String, String);

/// The question. `link` leads to the page with the text in full and the button.
pub(crate) fn asking(language: Language, title: &str, link: &str) -> Letter {
    match language {
        Language::En => (
            format!("Please confirm: {title}"),
            format!(
                "Hello,\n\nsomebody, probably you, ticked “{title}” on our site and gave this address. It counts only \
                 if you confirm it. Open this page within 30 days, read the text and press the button:\n\n{link}\n\n\
                 If it was not you, or you have changed your mind, do nothing: nothing will be sent, and in 30 days \
                 the question is gone.\n"
            ),
        ),
        Language::Ru => (
            format!("Подтвердите, пожалуйста: {title}"),
            format!(
                "Здравствуйте!\n\nКто-то, скорее всего вы, отметил на нашем сайте «{title}» и указал этот адрес. \
                 Отметка действует, только если вы её подтвердите. Откройте в течение 30 дней эту страницу, прочитайте \
                 текст и нажмите кнопку:\n\n{link}\n\n\
                 Если это были не вы или вы передумали, ничего не делайте: мы ничего не будем присылать, а через \
                 30 дней вопрос исчезнет.\n"
            ),
        ),
    }
}

/// The news that it is given. `link` takes it back.
pub(crate) fn given(language: Language, title: &str, link: &str) -> Letter {
    match language {
        Language::En => (
            format!("You have agreed: {title}"),
            format!(
                "Hello,\n\nyou have confirmed “{title}”. You can take it back at any time, without signing in and \
                 without giving a reason: open this page and press the button. It also gives you the receipt.\n\n{link}\n\n\
                 The link works for as long as the consent stands.\n"
            ),
        ),
        Language::Ru => (
            format!("Вы согласились: {title}"),
            format!(
                "Здравствуйте!\n\nВы подтвердили «{title}». Отозвать это можно в любое время, без входа в кабинет и без \
                 объяснений: откройте эту страницу и нажмите кнопку. Там же можно взять квитанцию.\n\n{link}\n\n\
                 Ссылка действует, пока действует согласие.\n"
            ),
        ),
    }
}

/// The lines under another letter: what was agreed to, each with the link that takes it back. Empty without any.
pub(crate) fn footer(language: Language, given: &[(String, String)]) -> String {
    let mut text = String::new();
    if given.is_empty() {
        return text;
    }
    text.push_str(match language {
        Language::En => {
            "\n\n-- \nYou agreed to the following. One press on the page behind the link takes it back:\n"
        }
        Language::Ru => {
            "\n\n-- \nВы дали согласие. Отозвать его можно одним нажатием на странице по ссылке:\n"
        }
    });
    for (title, link) in given {
        let _ = write!(text, "{title}\n{link}\n");
    }
    text
}
