//! Letters to all who review: an alarm was raised, or somebody gave access to themself.

use office::Office;
use policy::Purpose;
use staff::{Account, Right, Staff};
use vault::Hold;
use vocabulary::Moment;
use web::language::Language;

/// What a letter tells.
#[derive(Clone, Copy)]
pub(crate) enum News<'a> {
    /// That account opened data of so many persons by an emergency, whose number is the last.
    Alarm(u32, usize, Purpose, &'a str),
    /// That account gave access to itself.
    OwnAccess(u32),
}

impl News<'_> {
    /// Subject and text. `address` is where the installation is reached, without closing slash.
    fn letter(self, language: Language, address: &str) -> (String, String) {
        match self {
            Self::Alarm(account, persons, purpose, number) => {
                let words = language.text(&format!("work-{}", purpose.name().replace('_', "-")));
                let values = [
                    ("account", account.into()),
                    ("count", persons.into()),
                    ("purpose", words.into()),
                    ("link", format!("{address}/console/emergencies/{number}").into()),
                ];
                (
                    language.text("letter-alarm-subject"),
                    language.text_with("letter-alarm", &values),
                )
            }
            Self::OwnAccess(account) => {
                let values = [
                    ("account", account.into()),
                    ("link", format!("{address}/console").into()),
                ];
                (
                    language.text("letter-own-access-subject"),
                    language.text_with("letter-own-access", &values),
                )
            }
        }
    }
}

/// A letter to the owner of a hold whose review is due; where none can reach them, to all who may place holds.
pub(crate) async fn tell_of_hold(
    staff: &Staff,
    office: &Office,
    hold: &Hold,
    address: &str,
    now: Moment,
) -> anyhow::Result<()> {
    let accounts = staff.accounts().await?;
    let is_reached = |account: &&Account| {
        account.disabled.is_none() && account.role.may(Right::PlaceHolds) && account.mail_address().is_some()
    };
    let owner = accounts.iter().filter(|account| account.id.0 == hold.owner);
    let mut told: Vec<&Account> = owner.filter(is_reached).collect();
    if told.is_empty() {
        told = accounts.iter().filter(is_reached).collect();
    }
    for account in told {
        let Some(to) = account.mail_address() else {
            continue;
        };
        let language = Language::parse(account.language.name()).unwrap_or(Language::En);
        let (subject, text) = hold_letter(language, hold.id.0, address.trim_end_matches('/'));
        office.post_to_staff(to, &subject, text, now).await?;
    }
    Ok(())
}

fn hold_letter(language: Language, number: i64, address: &str) -> (String, String) {
    let values = [
        ("number", number.into()),
        ("link", format!("{address}/console/holds").into()),
    ];
    (
        language.text("letter-hold-subject"),
        language.text_with("letter-hold", &values),
    )
}

/// A letter to all who review and have an address, each in their language, `but` one not counted.
pub(crate) async fn tell(
    staff: &Staff,
    office: &Office,
    but: Option<u32>,
    news: News<'_>,
    address: &str,
    now: Moment,
) -> anyhow::Result<()> {
    let accounts = staff.accounts().await?;
    for account in accounts.iter().filter(|account| watches(account, but)) {
        let Some(to) = account.mail_address() else {
            continue;
        };
        let language = Language::parse(account.language.name()).unwrap_or(Language::En);
        let (subject, text) = news.letter(language, address.trim_end_matches('/'));
        office.post_to_staff(to, &subject, text, now).await?;
    }
    Ok(())
}

fn watches(account: &Account, but: Option<u32>) -> bool {
    account.role.may(Right::ReviewBreakGlass) && account.disabled.is_none() && Some(account.id.0) != but
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_names_the_purpose_in_words_and_where_to_look() {
        let alarm = News::Alarm(4, 2, Purpose::AnswerEnquiry, "07");
        for (language, words) in [
            (Language::En, "to answer an enquiry"),
            (Language::Ru, "для ответа на обращение"),
        ] {
            let (subject, text) = alarm.letter(language, "https://stats.example");
            assert!(text.contains(words), "{text}");
            assert!(
                text.contains("https://stats.example/console/emergencies/07"),
                "{text}"
            );
            assert!(!text.contains("answer_enquiry") && !subject.contains("letter-"));
            let (subject, text) = News::OwnAccess(4).letter(language, "https://stats.example");
            assert!(text.contains("https://stats.example/console"), "{text}");
            assert!(!subject.contains("letter-"), "{subject}");
            let (subject, text) = hold_letter(language, 7, "https://stats.example");
            assert!(text.contains("https://stats.example/console/holds"), "{text}");
            assert!(text.contains('7') && !subject.contains("letter-"), "{subject}");
        }
    }
}
