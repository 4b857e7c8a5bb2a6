//! Another answer than the one that was asked for.

use axum::response::{IntoResponse, Response};

/// A page of fault, the way to the sign-in page, or a form shown again.
pub(super) struct Instead(Box<Response>);

impl IntoResponse for Instead {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl From<Response> for Instead {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl From<Box<Response>> for Instead {
    fn from(response: Box<Response>) -> Self {
        Self(response)
    }
}
