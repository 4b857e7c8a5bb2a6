//! Who wrote to the demo's agency, and what. All of them are invented: addresses are under `.example`, telephone numbers
//! begin with a code that nobody has or are kept for films.

use web::language::Language::{self, En, Ru};

/// Somebody who wrote through the form. What is empty was left empty.
pub(super) struct Enquirer {
    /// How long ago, in hours; 29 days at most, so that the task is still open.
    pub(super) hours_ago: i64,
    pub(super) language: Language,
    pub(super) name: &'static str,
    pub(super) company: &'static str,
    pub(super) position: &'static str,
    pub(super) email: &'static str,
    pub(super) phone: &'static str,
    /// The id of one of the ranges that the agency has unless it sets others.
    pub(super) budget_range: &'static str,
    /// Whether the newsletter was ticked.
    pub(super) wants_letters: bool,
    pub(super) message: &'static str,
    pub(super) then: Then,
}

/// What became of an enquiry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// Nobody has looked yet.
    Nothing,
    /// It was read, and is our turn.
    Read,
    /// It was read, and waits for somebody else.
    Waits,
    /// This was answered.
    Answered(&'static str),
    /// This was answered, and the case closed.
    Closed(&'static str),
}

/// Who opened an account, a day after the answer.
pub(super) const ACCOUNT_HOLDER: &str = "marta.lind@lindskog.example";

const NOBODY: Enquirer = Enquirer {
    hours_ago: 0,
    language: En,
    name: "",
    company: "",
    position: "",
    email: "",
    phone: "",
    budget_range: "",
    wants_letters: false,
    message: "",
    then: Then::Nothing,
};

/// Oldest first.
pub(super) const ENQUIRERS: &[Enquirer] = &[
    Enquirer {
        hours_ago: 598,
        language: Ru,
        name: "Ольга Ветрова",
        company: "Северный чай",
        position: "руководитель отдела маркетинга",
        email: "o.vetrova@severchai.example",
        phone: "+7 (000) 555-01-12",
        budget_range: "100k-500k",
        wants_letters: true,
        message: "Здравствуйте! У нас интернет-магазин чая. Хотим понять, какая реклама приводит покупателей, а какая \
                  только посетителей. Можно ли видеть заказы по источникам?",
        then: Then::Closed(
            "Здравствуйте, Ольга!\n\nДа: заказы и возвраты считаются по каждому источнику и кампании. Мы открыли для \
             вас пробный отчёт, ссылка придёт отдельным письмом.\n\nС уважением,\nАнтураж",
        ),
    },
    Enquirer {
        hours_ago: 541,
        name: "Marta Lind",
        company: "Lindskog Outdoor",
        position: "Head of e-commerce",
        email: ACCOUNT_HOLDER,
        phone: "+44 20 7946 0958",
        budget_range: "500k-2m",
        wants_letters: true,
        message: "We are moving away from our present analytics because of its cookies. Can you import three years of \
                  access logs, and how long does it take?",
        then: Then::Answered(
            "Dear Marta,\n\nyes: access logs of Apache, nginx and Caddy are read as they are, a year takes minutes. \
             Shall we look at a sample of yours together this week?\n\nKind regards\nAnturazh",
        ),
        ..NOBODY
    },
    Enquirer {
        hours_ago: 487,
        language: Ru,
        name: "Игорь",
        email: "igor@masterskaya-13.example",
        budget_range: "none",
        message: "Сколько стоит вести статистику для сайта-визитки? Рекламы у нас нет.",
        then: Then::Closed(
            "Здравствуйте, Игорь!\n\nДля сайта-визитки статистика бесплатна. Пришлите адрес сайта в ответ на это \
             письмо, и мы расскажем, как подключить счётчик.\n\nС уважением,\nАнтураж",
        ),
        ..NOBODY
    },
    Enquirer {
        hours_ago: 420,
        language: Ru,
        name: "Елена Соболева",
        company: "Клиника «Первоцвет»",
        position: "главный врач",
        email: "soboleva@pervotsvet.example",
        phone: "+7 (000) 555-01-40",
        budget_range: "under-100k",
        message: "Мы клиника и не можем хранить адреса посетителей. Подтвердите, пожалуйста, что IP-адреса у вас не \
                  остаются, и пришлите текст для нашей политики.",
        then: Then::Answered(
            "Здравствуйте, Елена!\n\nПодтверждаем: по умолчанию адреса не хранятся вовсе, это видно в манифесте сайта. \
             Текст для политики вышлем завтра.\n\nС уважением,\nАнтураж",
        ),
        ..NOBODY
    },
    Enquirer {
        hours_ago: 333,
        name: "Jonas Weber",
        company: "Weber Werkzeug",
        position: "Owner",
        email: "jonas@weber-werkzeug.example",
        budget_range: "100k-500k",
        wants_letters: true,
        message: "Could you review our shop's checkout? Many people put things into the cart and few pay.",
        then: Then::Closed(
            "Dear Jonas,\n\nwe looked at it: half of the visitors leave where an account is demanded. Let people order \
             without one first, then we measure again.\n\nKind regards\nAnturazh",
        ),
        ..NOBODY
    },
    Enquirer {
        hours_ago: 262,
        language: Ru,
        name: "Тимур Галеев",
        company: "Велоград",
        position: "директор",
        email: "timur@velograd.example",
        phone: "+7 (000) 555-01-77",
        budget_range: "500k-2m",
        message: "Нужна помощь с осенней кампанией: площадки, бюджет по неделям, отчёт для учредителей.",
        then: Then::Waits,
        ..NOBODY
    },
    Enquirer {
        hours_ago: 190,
        name: "Aisha Rahman",
        position: "Student",
        email: "aisha@campus.example",
        message: "I write a thesis on statistics without cookies. May I ask three questions about your visits without \
                  consent?",
        then: Then::Answered(
            "Dear Aisha,\n\ngladly. Send the questions in answer to this letter; how visits are counted without a \
             cookie is written in our policy, too.\n\nKind regards\nAnturazh",
        ),
        ..NOBODY
    },
    Enquirer {
        hours_ago: 128,
        language: Ru,
        name: "Наталья Ким",
        company: "Издательство «Ясень»",
        position: "редактор сайта",
        email: "kim@yasen-books.example",
        budget_range: "under-100k",
        wants_letters: true,
        message: "Хотим видеть, какие статьи дочитывают до конца. Это можно сделать без cookie?",
        then: Then::Read,
        ..NOBODY
    },
    Enquirer {
        hours_ago: 74,
        name: "Peter Novak",
        company: "Novak & Daughters",
        email: "peter@novak-daughters.example",
        budget_range: "over-2m",
        message: "We have nine shops in four countries and one agency for each. Can all of them share one dashboard, \
                  and each see its own only?",
        then: Then::Read,
        ..NOBODY
    },
    Enquirer {
        hours_ago: 29,
        language: Ru,
        name: "Светлана",
        phone: "+7 (000) 555-01-93",
        message: "Перезвоните мне, пожалуйста, после шести: хочу обсудить рекламу кофейни.",
        ..NOBODY
    },
    Enquirer {
        hours_ago: 11,
        language: Ru,
        name: "Артём Лис",
        company: "Лис и сыновья",
        position: "коммерческий директор",
        email: "artem@lis-i-synovya.example",
        budget_range: "100k-500k",
        wants_letters: true,
        message: "Добрый день! Расскажите, как передавать вам покупки с сервера: у нас касса и сайт в разных системах.",
        ..NOBODY
    },
    Enquirer {
        hours_ago: 2,
        email: "reader@mailbox.example",
        message: "No name, just a question: do you answer people who tick nothing?",
        ..NOBODY
    },
];
