//! Every route of the service and who may come through it. A route that is not here fails the test, and so does a line
//! whose route is gone.

use staff::Right;

/// Who gets what they ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Who {
    /// Everybody.
    Everyone,
    /// Everybody but staff who are signed in: these are led on to their sites.
    NotYetStaff,
    /// Whoever bears what was given to them alone, such as a one-time link. For others there is nothing.
    Bearer,
    /// Staff whose password was right a moment ago.
    AfterPassword,
    /// Whoever is signed in to an account of the public site.
    Person,
    /// Whoever sends a cookie of such an account, be it over: there is nothing of a person to see, or only it ends.
    PersonLately,
    /// Staff who are signed in, of every role.
    Staff,
    /// Staff with the right.
    Holder(Right),
    /// Staff who may read the site.
    Reader,
    /// Staff who may read the site, and change those that they may read.
    Changer,
    /// Programs with a token, and programs on this machine, as the route has it.
    Program,
}

/// How a route that changes something knows that its caller meant it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Proof {
    /// It changes nothing.
    Reading,
    /// A token that only pages of this very sign-in have.
    Session,
    /// A token that the form was shown with.
    Form,
    /// A token that goes with a cookie of the form.
    FormCookie,
    /// The link itself.
    Link,
    /// The browser does not say that a page of another site sent it: nothing but settings are at stake.
    SameSite,
    /// No cookie is read, so no browser can be made to act for its user.
    NoCookie,
}

/// A line of the register.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) who: Who,
    pub(crate) proof: Proof,
}

const fn get(path: &'static str, who: Who) -> Route {
    let (method, proof) = ("GET", Proof::Reading);
    Route {
        method,
        path,
        who,
        proof,
    }
}

const fn post(path: &'static str, who: Who, proof: Proof) -> Route {
    let method = "POST";
    Route {
        method,
        path,
        who,
        proof,
    }
}

const fn preflight(path: &'static str) -> Route {
    let (method, who, proof) = ("OPTIONS", Who::Everyone, Proof::Reading);
    Route {
        method,
        path,
        who,
        proof,
    }
}

/// All of them, in the order of the files that have them.
#[rustfmt::skip]
pub(crate) const REGISTER: &[Route] = &[
    // server
    get("/api/openapi.json", Who::Everyone),
    get("/.well-known/gpc.json", Who::Everyone),
    get("/.well-known/security.txt", Who::Everyone),
    get("/.well-known/receipts.jwks.json", Who::Everyone),
    get("/assets/{name}", Who::Everyone),
    // query, metrics
    post("/api/v2/query", Who::Program, Proof::NoCookie),
    get("/metrics", Who::Program),
    get("/healthz", Who::Everyone),
    // collection
    get("/a.js", Who::Everyone),
    post("/api/v1/events", Who::Everyone, Proof::NoCookie),
    preflight("/api/v1/events"),
    post("/api/event", Who::Everyone, Proof::NoCookie),
    preflight("/api/event"),
    get("/p.gif", Who::Everyone),
    preflight("/p.gif"),
    // pages
    get("/sites", Who::Staff),
    get("/sites/{domain}", Who::Reader),
    get("/sites/{domain}/live", Who::Reader),
    get("/sites/{domain}/rows", Who::Reader),
    get("/sites/{domain}/rows.csv", Who::Reader),
    get("/sites/{domain}/settings", Who::Changer),
    post("/sites/{domain}/settings/collection", Who::Changer, Proof::Session),
    post("/sites/{domain}/settings/scrub", Who::Changer, Proof::Session),
    post("/sites/{domain}/settings/goals", Who::Changer, Proof::Session),
    post("/sites/{domain}/settings/goals/remove", Who::Changer, Proof::Session),
    post("/sites/{domain}/settings/annotations", Who::Changer, Proof::Session),
    post("/sites/{domain}/settings/annotations/remove", Who::Changer, Proof::Session),
    post("/sites/{domain}/settings/own", Who::Changer, Proof::Session),
    post("/sites/{domain}/settings/tokens", Who::Changer, Proof::Session),
    post("/sites/{domain}/settings/tokens/revoke", Who::Changer, Proof::Session),
    get("/sign-in", Who::NotYetStaff),
    post("/sign-in", Who::Everyone, Proof::FormCookie),
    post("/sign-out", Who::Staff, Proof::Session),
    get("/set-up", Who::Bearer),
    post("/set-up", Who::Bearer, Proof::Link),
    // security
    get("/sign-in/code", Who::AfterPassword),
    post("/sign-in/code", Who::AfterPassword, Proof::FormCookie),
    post("/sign-in/provider/{number}", Who::Bearer, Proof::FormCookie),
    get("/sign-in/provider/{number}/back", Who::Bearer),
    get("/security", Who::Staff),
    post("/security/second-factor", Who::Staff, Proof::Session),
    post("/security/second-factor/confirm", Who::Staff, Proof::Session),
    post("/security/recovery-codes", Who::Staff, Proof::Session),
    post("/security/password", Who::Staff, Proof::Session),
    post("/security/sign-ins/end", Who::Staff, Proof::Session),
    post("/security/sign-ins/end-others", Who::Staff, Proof::Session),
    post("/security/links", Who::Staff, Proof::Session),
    post("/security/links/remove", Who::Staff, Proof::Session),
    get("/console/staff", Who::Holder(Right::ManageStaff)),
    post("/console/staff/invite", Who::Holder(Right::ManageStaff), Proof::Session),
    post("/console/staff/{act}", Who::Holder(Right::ManageStaff), Proof::Session),
    // console
    get("/console", Who::Holder(Right::WorkOnTasks)),
    get("/console/cases", Who::Holder(Right::ServeEnquiries)),
    get("/console/cases/{number}", Who::Holder(Right::ServeEnquiries)),
    post("/console/cases/{number}/open", Who::Holder(Right::ServeEnquiries), Proof::Session),
    post("/console/cases/{number}/reply", Who::Holder(Right::ServeEnquiries), Proof::Session),
    post("/console/cases/{number}/status", Who::Holder(Right::ServeEnquiries), Proof::Session),
    post("/console/cases/{number}/assign", Who::Holder(Right::ServeEnquiries), Proof::Session),
    post("/console/cases/{number}/withdraw", Who::Holder(Right::ServeEnquiries), Proof::Session),
    get("/console/tasks", Who::Holder(Right::WorkOnTasks)),
    get("/console/tasks/new", Who::Holder(Right::WorkOnTasks)),
    post("/console/tasks/new", Who::Holder(Right::WorkOnTasks), Proof::Session),
    post("/console/tasks/find", Who::Holder(Right::ServeRequests), Proof::Session),
    get("/console/tasks/{id}", Who::Holder(Right::WorkOnTasks)),
    post("/console/tasks/{id}/open", Who::Holder(Right::WorkOnTasks), Proof::Session),
    post("/console/tasks/{id}/find", Who::Holder(Right::WorkOnTasks), Proof::Session),
    post("/console/tasks/{id}/sign-ins", Who::Holder(Right::WorkOnTasks), Proof::Session),
    post("/console/tasks/{id}/approve", Who::Holder(Right::WorkOnTasks), Proof::Session),
    post("/console/tasks/{id}/refuse", Who::Holder(Right::WorkOnTasks), Proof::Session),
    post("/console/tasks/{id}/extend", Who::Holder(Right::WorkOnTasks), Proof::Session),
    post("/console/tasks/{id}/close", Who::Holder(Right::WorkOnTasks), Proof::Session),
    get("/console/emergencies/new", Who::Holder(Right::BreakGlass)),
    post("/console/emergencies/new", Who::Holder(Right::BreakGlass), Proof::Session),
    get("/console/emergencies/{id}", Who::Holder(Right::BreakGlass)),
    post("/console/emergencies/{id}/open", Who::Holder(Right::BreakGlass), Proof::Session),
    post("/console/emergencies/{id}/confirm", Who::Holder(Right::BreakGlass), Proof::Session),
    post("/console/emergencies/{id}/end", Who::Holder(Right::BreakGlass), Proof::Session),
    post("/console/emergencies/{id}/seen", Who::Holder(Right::ReviewBreakGlass), Proof::Session),
    post("/console/reviews/{id}", Who::Holder(Right::ReviewBreakGlass), Proof::Session),
    get("/console/testimonials", Who::Holder(Right::ServeEnquiries)),
    get("/console/testimonials/new", Who::Holder(Right::ServeEnquiries)),
    post("/console/testimonials/new", Who::Holder(Right::ServeEnquiries), Proof::Session),
    get("/console/testimonials/{number}", Who::Holder(Right::ServeEnquiries)),
    post("/console/testimonials/{number}/open", Who::Holder(Right::ServeEnquiries), Proof::Session),
    post("/console/testimonials/{number}/change", Who::Holder(Right::ServeEnquiries), Proof::Session),
    post("/console/testimonials/{number}/ask", Who::Holder(Right::ServeEnquiries), Proof::Session),
    post("/console/testimonials/{number}/withdraw", Who::Holder(Right::ServeEnquiries), Proof::Session),
    get("/console/persons/{person}", Who::Holder(Right::WorkOnTasks)),
    post("/console/persons/{person}/contract", Who::Holder(Right::WorkOnTasks), Proof::Session),
    post("/console/persons/{person}/contract/none", Who::Holder(Right::WorkOnTasks), Proof::Session),
    post("/console/persons/{person}/duties", Who::Holder(Right::WorkOnTasks), Proof::Session),
    post("/console/persons/{person}/duties/end", Who::Holder(Right::WorkOnTasks), Proof::Session),
    post("/console/persons/{person}/hold", Who::Holder(Right::PlaceHolds), Proof::Session),
    get("/console/holds", Who::Holder(Right::PlaceHolds)),
    post("/console/holds/{hold}/review", Who::Holder(Right::PlaceHolds), Proof::Session),
    post("/console/holds/{hold}/release", Who::Holder(Right::PlaceHolds), Proof::Session),
    get("/console/audit", Who::Holder(Right::ReadAudit)),
    get("/console/audit/checkpoint", Who::Holder(Right::ReadAudit)),
    // public
    get("/", Who::NotYetStaff),
    get("/logo.svg", Who::Everyone),
    get("/enquiry", Who::Everyone),
    post("/enquiry", Who::Everyone, Proof::Form),
    get("/enquiry/sent", Who::Everyone),
    get("/policy", Who::Everyone),
    get("/policy/history", Who::Everyone),
    get("/testimonials", Who::Everyone),
    get("/testimonials/answer", Who::Bearer),
    post("/testimonials/answer", Who::Bearer, Proof::Link),
    get("/testimonials/answered", Who::Everyone),
    get("/wordings/{id}", Who::Everyone),
    get("/cookies", Who::Everyone),
    post("/cookies", Who::Everyone, Proof::SameSite),
    get("/privacy", Who::Everyone),
    post("/privacy", Who::Everyone, Proof::Form),
    get("/privacy/sent", Who::Everyone),
    get("/consents/confirm", Who::Bearer),
    post("/consents/confirm", Who::Bearer, Proof::Link),
    get("/consents/confirmed", Who::Everyone),
    get("/consents/withdraw", Who::Bearer),
    post("/consents/withdraw", Who::Bearer, Proof::Link),
    post("/consents/receipt", Who::Bearer, Proof::Link),
    get("/account", Who::Person),
    post("/account", Who::Person, Proof::Session),
    get("/account/sign-in", Who::Everyone),
    post("/account/sign-in", Who::Everyone, Proof::Form),
    get("/account/link", Who::Bearer),
    post("/account/link", Who::Bearer, Proof::Link),
    post("/account/letter", Who::Everyone, Proof::Form),
    get("/account/letter/sent", Who::Everyone),
    post("/account/fields", Who::Person, Proof::Session),
    post("/account/consents", Who::Person, Proof::Session),
    post("/account/choices", Who::Person, Proof::Session),
    post("/account/language", Who::Person, Proof::Session),
    post("/account/sessions", Who::Person, Proof::Session),
    post("/account/password", Who::Person, Proof::Session),
    post("/account/email", Who::Person, Proof::Session),
    get("/account/delete", Who::Person),
    post("/account/delete", Who::Person, Proof::Session),
    post("/account/sign-out", Who::PersonLately, Proof::Session),
    get("/account/receipts/{id}", Who::Person),
    post("/account/receipts/{id}", Who::Person, Proof::Session),
    get("/account/export.json", Who::Person),
    post("/account/export.json", Who::Person, Proof::Session),
];
