//! What accounts may do.

use serde::{Deserialize, Serialize};

/// What an account is for. No role opens anything of a person: only an open task does, which takes
/// [`Right::WorkOnTasks`] and a sign-in with a second factor, owners included.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the installation.
    Owner,
    /// Sees to it that the policy is kept.
    PrivacyOfficer,
    /// Serves clients and enquiries.
    Manager,
    /// Reads the dashboards of the sites listed for it.
    Analyst,
}

/// Something that not everybody may do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Read dashboards, of the sites that [`crate::SiteAccess`] gives.
    ReadDashboards,
    /// Change sites: manifests, goals, tokens.
    ChangeSites,
    /// Take on clients, change and end their contracts.
    ManageClients,
    /// Hold tasks, and so be granted fields of persons. What a task opens is decided elsewhere, each time.
    WorkOnTasks,
    /// Answer enquiries, as tasks.
    ServeEnquiries,
    /// Answer requests of persons for their data, as tasks.
    ServeRequests,
    /// Open persons' data without the usual grant, with a reason, an alarm and a review.
    BreakGlass,
    /// Review what was opened in that way, never one's own.
    ReviewBreakGlass,
    /// Place and lift legal holds.
    PlaceHolds,
    /// Publish versions of the policy and of wordings.
    ChangePolicy,
    /// Partners, releases, exports.
    ManageSharing,
    /// Read and verify the audit log.
    ReadAudit,
    /// Invite, change and bar accounts, end their sign-ins, reset their second factors.
    ManageStaff,
    /// Change the installation's settings.
    ChangeSettings,
}

impl Role {
    /// Every role.
    pub const ALL: &[Self] = &[Self::Owner, Self::PrivacyOfficer, Self::Manager, Self::Analyst];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::PrivacyOfficer => "privacy_officer",
            Self::Manager => "manager",
            Self::Analyst => "analyst",
        }
    }

    /// The role of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.name() == name)
    }

    /// Whether the role has the right. Ask [`crate::SignedIn::may`] of somebody who is signed in.
    pub fn may(self, right: Right) -> bool {
        use Role::{Analyst, Manager, Owner, PrivacyOfficer};
        let holders: &[Self] = match right {
            Right::ReadDashboards => &[Owner, PrivacyOfficer, Manager, Analyst],
            Right::ChangeSites | Right::ManageClients | Right::ServeEnquiries => &[Owner, Manager],
            Right::WorkOnTasks | Right::BreakGlass => &[Owner, PrivacyOfficer, Manager],
            Right::ServeRequests
            | Right::ReviewBreakGlass
            | Right::PlaceHolds
            | Right::ChangePolicy
            | Right::ManageSharing
            | Right::ReadAudit => &[Owner, PrivacyOfficer],
            Right::ManageStaff | Right::ChangeSettings => &[Owner],
        };
        holders.contains(&self)
    }

    /// Whether its accounts must have a second factor: all that may be granted something of a person.
    pub fn needs_second_factor(self) -> bool {
        self.may(Right::WorkOnTasks)
    }
}

impl Right {
    /// Every right.
    pub const ALL: &[Self] = &[
        Self::ReadDashboards,
        Self::ChangeSites,
        Self::ManageClients,
        Self::WorkOnTasks,
        Self::ServeEnquiries,
        Self::ServeRequests,
        Self::BreakGlass,
        Self::ReviewBreakGlass,
        Self::PlaceHolds,
        Self::ChangePolicy,
        Self::ManageSharing,
        Self::ReadAudit,
        Self::ManageStaff,
        Self::ChangeSettings,
    ];

    /// Whether only a sign-in with a second factor has it: whatever reaches persons' data, could be used to get there,
    /// such as by inviting oneself once more, or decides what is collected and who is let in.
    pub fn needs_second_factor(self) -> bool {
        self != Self::ReadDashboards
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    /// `2` marks what needs a second factor.
    const TABLE: &str = "
                    owner officer manager analyst
ReadDashboards   1  yes   yes     yes     yes
ChangeSites      2  yes   -       yes     -
ManageClients    2  yes   -       yes     -
WorkOnTasks      2  yes   yes     yes     -
ServeEnquiries   2  yes   -       yes     -
ServeRequests    2  yes   yes     -       -
BreakGlass       2  yes   yes     yes     -
ReviewBreakGlass 2  yes   yes     -       -
PlaceHolds       2  yes   yes     -       -
ChangePolicy     2  yes   yes     -       -
ManageSharing    2  yes   yes     -       -
ReadAudit        2  yes   yes     -       -
ManageStaff      2  yes   -       -       -
ChangeSettings   2  yes   -       -       -
";

    #[test]
    fn roles_may_what_the_table_says() {
        let mut table = String::from("\n                    owner officer manager analyst\n");
        for right in Right::ALL {
            let factors = if right.needs_second_factor() { 2 } else { 1 };
            let may = |role: Role| if role.may(*right) { "yes" } else { "-" };
            let row = format!(
                "{:16} {factors}  {:5} {:7} {:7} {}",
                format!("{right:?}"),
                may(Role::Owner),
                may(Role::PrivacyOfficer),
                may(Role::Manager),
                may(Role::Analyst)
            );
            writeln!(table, "{row}").unwrap();
        }
        assert_eq!(table, TABLE);
    }

    #[test]
    fn whoever_has_a_guarded_right_must_have_a_second_factor() {
        for role in Role::ALL {
            let has_guarded = Right::ALL
                .iter()
                .any(|right| right.needs_second_factor() && role.may(*right));
            assert_eq!(role.needs_second_factor(), has_guarded, "{role:?}");
            assert_eq!(Role::parse(role.name()), Some(*role));
        }
    }
}
