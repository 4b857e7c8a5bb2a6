//! What is wrong with a request, said so that its author can put it right, without repeating what was sent.

use std::borrow::Cow;

/// Why a request is refused. Holds names of fields and limits, never a text of the request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// HTTP status: 400, 401, 403, 413 or 429.
    pub status: u16,
    /// A stable code for programs.
    pub code: &'static str,
    /// The field at fault, such as `events[3].purchase.revenue`; empty where it is the request as a whole.
    pub field: String,
    /// What is wrong and what to do.
    pub detail: Cow<'static, str>,
}

impl Problem {
    /// A field that is not what it must be.
    pub fn field(field: impl Into<String>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: 400,
            code: "bad_field",
            field: field.into(),
            detail: detail.into(),
        }
    }

    /// A request that is wrong as a whole.
    pub fn request(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: 400,
            code,
            field: String::new(),
            detail: detail.into(),
        }
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same, the field being part of `events[place]`.
    #[must_use]
    pub fn in_event(mut self, place: usize) -> Self {
        self.field = if self.field.is_empty() {
            format!("events[{place}]")
        } else {
            format!("events[{place}].{}", self.field)
        };
        self
    }

    /// As `application/problem+json` (RFC 9457).
    pub fn to_json(&self) -> String {
        let mut json = serde_json::json!({
            "type": "about:blank",
            "title": "The request was refused and nothing of it was stored.",
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        });
        if !self.field.is_empty() {
            json["field"] = self.field.as_str().into();
        }
        json.to_string()
    }
}
