//! The enquiry form as it is shown.

use super::{Terms, ticked};
use crate::form::{Field, summary};
use crate::public::agency::Agency;
use crate::public::field::label_key;
use crate::public::gate::{Gate, Obstacle};
use crate::public::wording::Wording;
use crate::reader::{Asking, Fields, value};
use crate::state::Web;
use maud::{Markup, html};
use policy::FieldClass;

/// The id of the form.
pub(super) const FORM: &str = "enquiry-form";

/// The id of the box that agrees to the basis.
pub(super) const BASIS_TICK: &str = "agree-basis";

/// What the form is made of.
pub(super) struct Sheet<'a> {
    pub(super) asking: &'a Asking,
    pub(super) agency: &'a Agency,
    pub(super) terms: &'a Terms,
    pub(super) fields: &'a Fields,
    pub(super) problems: &'a [(&'static str, String)],
}

/// The gate of the form as it is shown now in that language.
pub(super) fn gate(web: &Web, asking: &Asking, terms: &Terms) -> Gate {
    let empty = Sheet {
        asking,
        agency: &web.public.agency,
        terms,
        fields: &Fields::new(),
        problems: &[],
    };
    Gate::new("enquiry", &empty.form(&html! {}))
}

impl Sheet<'_> {
    /// The main part of the page.
    pub(super) fn page(&self, hidden: &Markup, obstacle: Option<Obstacle>) -> Markup {
        let t = |key: &str| self.asking.language.text(key);
        let problems: Vec<(&str, &str)> = self
            .problems
            .iter()
            .map(|(f, text)| (*f, text.as_str()))
            .collect();
        html! {
            div.form-page {
                h1 { (t("enquiry-title")) }
                p.lead { (t("enquiry-lead")) }
                @if let Some(obstacle) = obstacle {
                    div.notice.error role="alert" { p { (obstacle.text(self.asking.language)) } }
                }
                (summary(self.asking.language, &problems))
                (self.form(hidden))
            }
        }
    }

    /// The form itself; its digest, with nothing filled in, is what a consent refers to.
    fn form(&self, hidden: &Markup) -> Markup {
        let t = |key: &str| self.asking.language.text(key);
        html! {
            form id=(FORM) method="post" action=(self.asking.link("/enquiry")) novalidate {
                (hidden)
                (self.message())
                fieldset.about-you {
                    legend { (t("enquiry-about-you")) }
                    p.hint { (t("enquiry-about-you-hint")) }
                    (self.line(FieldClass::Name, "text", "name"))
                    div.pair {
                        (self.line(FieldClass::Company, "text", "organization"))
                        (self.line(FieldClass::Position, "text", "organization-title"))
                    }
                    div.pair {
                        (self.line(FieldClass::Email, "email", "email"))
                        (self.line(FieldClass::Phone, "tel", "tel"))
                    }
                    (self.line(FieldClass::Address, "text", "street-address"))
                    @if !self.agency.budget_ranges.is_empty() { (self.budget()) }
                }
                section.terms aria-labelledby="basis" {
                    h2 #basis { (self.terms.basis.title()) }
                    (self.terms.basis.markup(self.asking))
                    @if self.terms.basis_is_consent { (self.tick(&self.terms.basis, BASIS_TICK)) }
                }
                @for (_, wording) in &self.terms.consents {
                    @let heading = format!("consent-{}", wording.id);
                    section.terms aria-labelledby=(heading) {
                        h2 id=(heading) { (wording.title()) " " span.voluntary { (t("voluntary-consent")) } }
                        (wording.markup(self.asking))
                        (self.tick(wording, &format!("agree-{}", wording.id)))
                    }
                }
                div.actions { button.button.main.big type="submit" { (t("enquiry-send")) } }
                p.hint { (t("enquiry-send-about")) }
            }
        }
    }

    fn given(&self, class: FieldClass) -> &str {
        value(self.fields, class.name())
    }

    fn wrong(&self, field: &str) -> Option<&str> {
        self.problems
            .iter()
            .find(|(f, _)| *f == field)
            .map(|(_, text)| text.as_str())
    }

    fn message(&self) -> Markup {
        let t = |key: &str| self.asking.language.text(key);
        let class = FieldClass::Message;
        Field::new(class.name(), &t("enquiry-message"))
            .hint(&t("enquiry-message-hint"))
            .rows(7)
            .most(class.most_characters())
            .value(self.given(class))
            .wrong(self.wrong(class.name()))
            .markup()
    }

    fn line(&self, class: FieldClass, kind: &str, autocomplete: &str) -> Markup {
        let language = self.asking.language;
        Field::new(class.name(), &language.text(&label_key(class)))
            .voluntary(&language.text("voluntary"))
            .hint(&language.text(&format!("{}-why", label_key(class))))
            .kind(kind)
            .autocomplete(autocomplete)
            .most(class.most_characters())
            .value(self.given(class))
            .wrong(self.wrong(class.name()))
            .markup()
    }

    fn budget(&self) -> Markup {
        let language = self.asking.language;
        let name = FieldClass::BudgetRange.name();
        let wrong = self.wrong(name);
        let described = if wrong.is_some() {
            "budget_range-hint budget_range-wrong"
        } else {
            "budget_range-hint"
        };
        html! {
            div.field {
                label for=(name) { (language.text("field-budget-range")) " " span.voluntary { (language.text("voluntary")) } }
                p.hint #budget_range-hint { (language.text("field-budget-range-why")) }
                @if let Some(wrong) = wrong { p.wrong #budget_range-wrong { (wrong) } }
                select id=(name) name=(name) aria-describedby=(described) aria-invalid=[wrong.map(|_| "true")] {
                    option value="" { (language.text("budget-unsaid")) }
                    @for range in &self.agency.budget_ranges {
                        option value=(range.id) selected[self.given(FieldClass::BudgetRange) == range.id] { (range.label.get(language)) }
                    }
                }
            }
        }
    }

    fn tick(&self, wording: &Wording, id: &str) -> Markup {
        let wrong = self.wrong(id);
        let wrong_id = format!("{id}-wrong");
        html! {
            @if let Some(wrong) = wrong { p.wrong id=(wrong_id) { (wrong) } }
            label.switch for=(id) {
                input type="checkbox" id=(id) name="agree" value=(wording.id) checked[ticked(self.fields, wording)]
                    aria-invalid=[wrong.map(|_| "true")] aria-describedby=[wrong.map(|_| &wrong_id)];
                span { (self.asking.language.text("agree")) span.only-heard { ": " (wording.title()) } }
            }
        }
    }
}
