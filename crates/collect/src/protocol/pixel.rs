//! The pixel: `GET /p.gif`, for pages without JavaScript and as the tracker's last resort.
//!
//! Either `event=` with one event of the native protocol as JSON, or single parameters: `site`, `url` (where absent,
//! the `Referer` header stands for it), `referrer`, `name` (where absent, `page_view`), `title`, `id`, `screen`,
//! `language`, `visitor`, `consent`. `v` is the script's version and passed over. The answer is always an image;
//! header `x-anturazh-dropped` says why a hit was dropped, `x-anturazh-refused` which field was wrong.

use super::native::{self, screen_width};
use super::{Answer, Input, Outcome, Protocol, Reading};
use crate::hit::Hit;
use crate::page::pairs;
use crate::problem::Problem;
use http::{HeaderMap, header};
use policy::Consent;
use std::borrow::Cow;
use vocabulary::EventKind;
use vocabulary::event::PAGE_VIEW;

/// The row of this protocol.
pub const PROTOCOL: Protocol = Protocol {
    name: "pixel",
    method: "GET",
    path: "/p.gif",
    decode,
    answer,
    refuse,
};

/// A transparent image of one point.
const IMAGE: &[u8] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00\x21\xf9\x04\x01\x00\x00\x00\x00\
    \x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b";

/// The longest parameter, in bytes.
const LONGEST: usize = 8_192;

fn image(status: u16) -> Answer {
    Answer::new(status, "image/gif", IMAGE)
        .with("cache-control", "no-store")
        .with("cross-origin-resource-policy", "cross-origin")
}

fn answer(outcome: &Outcome) -> Answer {
    if outcome.dropped_in_all() == 0 {
        image(200)
    } else {
        image(200).with("x-anturazh-dropped", outcome.reasons())
    }
}

fn refuse(problem: &Problem) -> Answer {
    let what = if problem.field.is_empty() {
        problem.code
    } else {
        &problem.field
    };
    image(problem.status).with("x-anturazh-refused", what.to_owned())
}

fn decode<'a>(input: &Input<'a>) -> Result<Reading<'a>, Answer> {
    let hits = read(input.query, input.headers).map_err(|problem| refuse(&problem))?;
    Ok(Reading { hits, token: None })
}

fn read<'a>(query: &'a str, headers: &'a HeaderMap) -> Result<Vec<Hit<'a>>, Problem> {
    let mut hit = Hit {
        name: PAGE_VIEW.into(),
        ..Hit::default()
    };
    let mut hits = None;
    for (name, value) in pairs(query) {
        if &*name == "event" {
            hits = Some(
                native::hits(value.as_bytes(), false)?
                    .into_iter()
                    .map(owned)
                    .collect::<Vec<_>>(),
            );
            continue;
        }
        let known = match &*name {
            "site" => &mut hit.site,
            "url" => &mut hit.url,
            "referrer" => &mut hit.referrer,
            "name" if value.trim().is_empty() => continue,
            "name" => &mut hit.name,
            "title" => &mut hit.title,
            "id" => &mut hit.id,
            "language" => &mut hit.language,
            "visitor" => &mut hit.visitor,
            "screen" => {
                hit.screen_width = screen_width(&value);
                continue;
            }
            "consent" => {
                hit.consent = match &*value {
                    "granted" => Consent::Granted,
                    "denied" => Consent::Denied,
                    "" => Consent::Unset,
                    _ => return Err(Problem::field("consent", "must be `granted` or `denied`")),
                };
                continue;
            }
            _ => continue,
        };
        let field = || Problem::field(name.clone().into_owned(), "is too long, or has a NUL character");
        let longest = match &*name {
            "name" => 120,
            "id" => 64,
            "visitor" | "language" => 128,
            _ => LONGEST,
        };
        if value.len() > longest || value.contains('\0') {
            return Err(field());
        }
        *known = value;
    }
    if let Some(hits) = hits {
        return Ok(hits);
    }
    if hit.url.is_empty() {
        let page = headers
            .get(header::REFERER)
            .and_then(|v| std::str::from_utf8(v.as_bytes()).ok());
        hit.url = page.filter(|p| p.len() <= LONGEST).unwrap_or_default().into();
    }
    if hit.site.is_empty() && hit.url.is_empty() {
        return Err(Problem::field("site", "is required: the site's domain"));
    }
    if hit.name != PAGE_VIEW {
        hit.kind = EventKind::Action;
    }
    if hit.consent == Consent::Granted && hit.visitor.is_empty() {
        hit.visitor = cookie(headers, "_anturazh")
            .filter(|v| v.len() <= 128)
            .unwrap_or_default()
            .into();
    }
    Ok(vec![hit])
}

fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| std::str::from_utf8(line.as_bytes()).ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value)
}

/// The same hit with texts of its own: the JSON was decoded from the query and does not outlive the decoder.
fn owned<'b>(hit: Hit<'_>) -> Hit<'b> {
    let own = |text: Cow<'_, str>| -> Cow<'b, str> { Cow::Owned(text.into_owned()) };
    Hit {
        site: own(hit.site),
        name: own(hit.name),
        kind: hit.kind,
        url: own(hit.url),
        referrer: own(hit.referrer),
        title: own(hit.title),
        properties: hit
            .properties
            .into_iter()
            .map(|(n, v)| (own(n), own(v)))
            .collect(),
        sale: hit.sale.map(|sale| crate::SaleHit {
            order_id: own(sale.order_id),
            currency: sale.currency,
            revenue: sale.revenue,
            tax: sale.tax,
            shipping: sale.shipping,
            discount: sale.discount,
            items: sale
                .items
                .into_iter()
                .map(|item| crate::hit::Item {
                    sku: own(item.sku),
                    name: own(item.name),
                    category: own(item.category),
                    price: item.price,
                    quantity: item.quantity,
                })
                .collect(),
        }),
        visitor: own(hit.visitor),
        consent: hit.consent,
        screen_width: hit.screen_width,
        language: own(hit.language),
        id: own(hit.id),
        when: hit.when,
        interactive: hit.interactive,
        fragment_is_page: hit.fragment_is_page,
        address: hit.address,
        user_agent: hit.user_agent.map(own),
        host_name: own(hit.host_name),
    }
}

#[cfg(test)]
mod tests;
