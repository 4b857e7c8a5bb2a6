//! What each kind of caller is to get at a route of the register.

use super::register::{Route, Who};
use http::StatusCode;
use staff::{Right, Role};

/// What somebody who asks is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Nobody,
    /// Cookies and a token that look right and are nobody's.
    Stranger,
    Person,
    /// The cookie of a person where that of staff belongs, and the other way round.
    Crossed,
    /// Staff for whom `shop.example` is listed.
    Staff(Role, bool),
    /// Staff of another client's site.
    Other,
}

pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) text: String,
}

/// What a caller without the right gets, or that there is no such caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Want {
    Admitted,
    /// On to the list of sites.
    ToSites,
    ToSignIn,
    ToPersonSignIn,
    /// To the first step of signing in.
    FirstStep,
    SecondFactor,
    Forbidden,
    Missing,
}

impl Seen {
    pub(crate) fn is_forged(&self) -> bool {
        self.status == StatusCode::FORBIDDEN && self.text.contains("This form is no longer valid")
    }

    pub(crate) fn is(&self, want: Want) -> bool {
        let leads = |to: &str| self.status == StatusCode::SEE_OTHER && self.location.starts_with(to);
        match want {
            Want::Admitted => self.status.is_success(),
            Want::ToSites => leads("/sites"),
            Want::ToSignIn => leads("/sign-in?next="),
            Want::ToPersonSignIn => leads("/account/sign-in"),
            Want::FirstStep => leads("/sign-in?late=yes"),
            Want::SecondFactor => {
                leads("/security?needs=second-factor")
                    || self.status == StatusCode::FORBIDDEN && self.text.contains("href=\"/security\"")
            }
            Want::Forbidden => self.status == StatusCode::FORBIDDEN && !self.is_forged(),
            Want::Missing => self.status == StatusCode::NOT_FOUND,
        }
    }
}

/// What the register says of a caller at a route.
pub(crate) fn want(route: &Route, kind: Kind) -> Want {
    let role = match kind {
        Kind::Staff(role, _) => Some(role),
        Kind::Other => Some(Role::Analyst),
        _ => None,
    };
    let has_account_cookie = matches!(kind, Kind::Person | Kind::Stranger | Kind::Crossed);
    let refused_if = |refused: bool, want: Want| if refused { want } else { Want::Admitted };
    // Before they have the second factor that they must have, they may look at figures and see to their own account.
    let must_enrol = matches!(kind, Kind::Staff(role, false)
        if Right::ALL.iter().any(|right| role.may(*right) && right.needs_second_factor()));
    match route.who {
        Who::Changer | Who::Holder(_) if must_enrol => Want::SecondFactor,
        Who::NotYetStaff => refused_if(role.is_some(), Want::ToSites),
        Who::Bearer | Who::Program => Want::Missing,
        Who::AfterPassword => Want::FirstStep,
        Who::Person => refused_if(kind != Kind::Person, Want::ToPersonSignIn),
        Who::PersonLately => refused_if(!has_account_cookie, Want::ToPersonSignIn),
        Who::Staff => refused_if(role.is_none(), Want::ToSignIn),
        Who::Reader | Who::Changer | Who::Holder(_) if role.is_none() => Want::ToSignIn,
        Who::Reader => refused_if(kind == Kind::Other, Want::Missing),
        Who::Changer if kind == Kind::Other => Want::Missing,
        Who::Changer => refused_if(
            !role.is_some_and(|role| role.may(Right::ChangeSites)),
            Want::Forbidden,
        ),
        Who::Holder(right) if !role.is_some_and(|role| role.may(right)) => Want::Missing,
        Who::Everyone | Who::Holder(_) => Want::Admitted,
    }
}
