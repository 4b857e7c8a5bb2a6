//! What the program itself writes to people and into their cases, in both languages.

use office::mail::LinkWords;
use people::LinkKind;
use policy::FieldClass;
use web::language::Language;
use web::public::rights::Want;

/// What somebody wants done, as the first line of their case.
pub(super) fn wanted(language: Language, want: Want) -> &'static str {
    let (english, russian) = match want {
        Want::Know => (
            "I want to know what you hold about me.",
            "Прошу сообщить, какие мои данные у вас хранятся.",
        ),
        Want::Correct => ("Please correct my data.", "Прошу исправить мои данные."),
        Want::Delete => ("Please delete my data.", "Прошу удалить мои данные."),
        Want::Stop => (
            "Please stop using my data.",
            "Прошу прекратить использовать мои данные.",
        ),
    };
    pick(language, english, russian)
}

/// What stands before a value that is part of a message.
pub(super) fn label(language: Language, class: FieldClass) -> &'static str {
    match class {
        FieldClass::Name => pick(language, "Name", "Имя"),
        FieldClass::Company => pick(language, "Company", "Компания"),
        FieldClass::Position => pick(language, "Position", "Должность"),
        FieldClass::Email | FieldClass::Phone => pick(language, "Contact", "Контакт"),
        FieldClass::Address => pick(language, "Address", "Адрес"),
        FieldClass::BudgetRange => pick(language, "Advertising spend", "Расходы на рекламу"),
        FieldClass::Message => pick(language, "Message", "Сообщение"),
    }
}

/// The letter with a link, which leads to `address` followed by its secret.
pub(super) fn link(language: people::Language, kind: LinkKind, address: &str) -> LinkWords<'_> {
    let english = language == people::Language::En;
    let (subject, before) = match (kind, english) {
        (LinkKind::SignIn, true) => (
            "Sign in to your account",
            "Somebody, probably you, asked to sign in to your account with us. This link does it. It works once, \
             within 10 minutes:",
        ),
        (LinkKind::SignIn, false) => (
            "Вход в личный кабинет",
            "Кто-то, скорее всего вы, попросил ссылку для входа в ваш личный кабинет у нас. Она действует один раз, \
             10 минут:",
        ),
        (LinkKind::NewAccount, true) => (
            "Open your account",
            "Somebody, probably you, asked for an account with us under this address. There is none yet; this link \
             opens it. It works once, within 10 minutes:",
        ),
        (LinkKind::NewAccount, false) => (
            "Открыть личный кабинет",
            "Кто-то, скорее всего вы, попросил открыть у нас личный кабинет на этот адрес. Его ещё нет; эта ссылка \
             откроет его. Она действует один раз, 10 минут:",
        ),
        (LinkKind::NewAddress, true) => (
            "Confirm your new address",
            "Somebody wants to move their account with us, and what it holds, to this address. If that was you, this \
             link does it and signs in; signing in elsewhere ends, and the password is removed. It works once, within \
             10 minutes:",
        ),
        (LinkKind::NewAddress, false) => (
            "Подтвердите новый адрес",
            "Кто-то хочет перенести на этот адрес свой личный кабинет у нас со всем, что в нём есть. Если это вы, ссылка \
             перенесёт кабинет и откроет его; остальные входы завершатся, а пароль будет снят. Она действует один \
             раз, 10 минут:",
        ),
    };
    let after = if english {
        "If it was not you, do nothing: without the link nothing happens."
    } else {
        "Если это были не вы, ничего не делайте: без ссылки ничего не произойдёт."
    };
    LinkWords {
        subject,
        before,
        address,
        after,
    }
}

/// Subject and text of the letter to the address that an account had until now.
pub(super) fn address_changed(language: people::Language) -> (&'static str, &'static str) {
    match language {
        people::Language::En => (
            "The address of your account has changed",
            "Your account with us has a new e-mail address, and this one no longer opens it.\n\n\
             If that was not you, answer this letter at once.\n",
        ),
        people::Language::Ru => (
            "Адрес вашего личного кабинета изменён",
            "У вашего личного кабинета у нас теперь другой адрес электронной почты, этот его больше не открывает.\n\n\
             Если это сделали не вы, сразу ответьте на это письмо.\n",
        ),
    }
}

/// Subject and text of the letter to an address that an account was to be moved to, where somebody is known already.
pub(super) fn address_taken(language: people::Language) -> (&'static str, &'static str) {
    match language {
        people::Language::En => (
            "No account was moved to this address",
            "Somebody wanted to move their account with us to this address. We have not done it: something is kept \
             under this address already. Nothing has changed, and they have not been told.\n\n\
             If that was you, ask for a sign-in link to this address: it opens what is kept here. If it was not you, \
             do nothing.\n",
        ),
        people::Language::Ru => (
            "Кабинет на этот адрес не перенесён",
            "Кто-то хотел перенести на этот адрес свой личный кабинет у нас. Мы этого не сделали: под этим адресом \
             у нас уже что-то хранится. Ничего не изменилось, и тому, кто просил, мы об этом не сказали.\n\n\
             Если это были вы, попросите ссылку для входа на этот адрес: она откроет то, что здесь хранится. Если не \
             вы, ничего не делайте.\n",
        ),
    }
}

/// Who received something that went to nobody in particular.
pub(super) fn everybody(language: people::Language) -> &'static str {
    match language {
        people::Language::En => "everybody",
        people::Language::Ru => "все",
    }
}

/// The person who looks, as the one who received something: as a file, or by letter.
pub(super) fn yourself(language: people::Language, is_file: bool) -> &'static str {
    match (language, is_file) {
        (people::Language::En, true) => "you, as a file",
        (people::Language::En, false) => "you, by letter",
        (people::Language::Ru, true) => "вы, файлом",
        (people::Language::Ru, false) => "вы, письмом",
    }
}

/// Those of the agency as the ones who received something.
pub(super) fn our_staff(language: people::Language) -> &'static str {
    match language {
        people::Language::En => "our staff",
        people::Language::Ru => "наши сотрудники",
    }
}

fn pick(language: Language, english: &'static str, russian: &'static str) -> &'static str {
    match language {
        Language::En => english,
        Language::Ru => russian,
    }
}
