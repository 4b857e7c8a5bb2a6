//! What was done.

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $key:literal;)*) => {
        /// What was done. The list is closed; names and numbers never change their meaning.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum Action {
            $($(#[$doc])* $name = $number,)*
        }

        impl Action {
            /// Every action, by number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name on pages and in exports.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            /// The action of that number, if there is one.
            pub const fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

// The numbers are part of what is signed: never reuse one, add at the end.
actions! {
    /// Somebody signed in.
    SignIn = 1, "sign_in";
    /// Somebody tried to sign in and was refused.
    SignInFailed = 2, "sign_in_failed";
    /// Somebody signed out, or a sign-in was ended.
    SignOut = 3, "sign_out";
    /// Values of a person were opened; the count says how many.
    Read = 4, "read";
    /// Somebody asked to read and was refused: nothing was opened.
    ReadDenied = 5, "read_denied";
    /// Values of a person were received and sealed for the first time.
    Receive = 6, "receive";
    /// Values of a person were changed in the course of work.
    Change = 7, "change";
    /// Values of a person were corrected at the person's wish.
    Correct = 8, "correct";
    /// A person, or values of one, were erased at the person's wish.
    Erase = 9, "erase";
    /// Values of a person left the system.
    Disclose = 10, "disclose";
    /// A person agreed.
    ConsentGiven = 11, "consent_given";
    /// A person no longer agrees.
    ConsentWithdrawn = 12, "consent_withdrawn";
    /// A version of the privacy policy, or a wording, was made or took effect.
    PolicyChange = 13, "policy_change";
    /// A setting was changed: of the system, a client, a site or its manifest.
    ConfigurationChange = 14, "configuration_change";
    /// A task began.
    TaskOpened = 15, "task_opened";
    /// A task was handed over, widened, narrowed or prolonged.
    TaskChanged = 16, "task_changed";
    /// A task ended.
    TaskClosed = 17, "task_closed";
    /// Somebody took access without the grant it needs, in an emergency.
    BreakGlass = 18, "break_glass";
    /// Somebody looked at what another did and said whether it was right.
    Review = 19, "review";
    /// A legal hold was put on a person or client.
    Hold = 20, "hold";
    /// A legal hold was lifted.
    HoldReleased = 21, "hold_released";
    /// What had no basis left was destroyed, or a key was.
    Destroy = 22, "destroy";
    /// A backup was made.
    Backup = 23, "backup";
    /// A backup was brought back.
    Restore = 24, "restore";
    /// A key was replaced.
    KeyRotation = 25, "key_rotation";
    /// Data of a person or a site were given out as a file.
    Export = 26, "export";
    /// An account was made, or invited.
    AccountCreated = 27, "account_created";
    /// An account was disabled.
    AccountDisabled = 28, "account_disabled";
    /// An account got another role or other sites.
    RoleChange = 29, "role_change";
    /// A password was set.
    PasswordChange = 30, "password_change";
    /// A second factor was set up, replaced or taken away.
    SecondFactorChange = 31, "second_factor_change";
    /// A message was sent to a person.
    MessageSent = 32, "message_sent";
    /// The state of the log was signed for an outside witness.
    Witness = 33, "witness";
    /// Somebody gave access to themself, because no other account could approve it.
    SelfGranted = 34, "self_granted";
    /// A person was asked and did not agree.
    ConsentRefused = 35, "consent_refused";
    /// Attempts that were refused within a minute; the purpose says of what kind, the count how many.
    Refused = 36, "refused";
    /// It was said until when data of a person are kept: which contract runs, what a law demands.
    KeepingChanged = 37, "keeping_changed";
    /// A legal hold was looked at and stands on.
    HoldReviewed = 38, "hold_reviewed";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_used_once() {
        let names: std::collections::BTreeSet<_> = Action::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
        for (nth, action) in Action::ALL.iter().enumerate() {
            assert_eq!(*action as usize, nth + 1);
            assert_eq!(Action::from_number(*action as u8), Some(*action));
        }
        assert_eq!(Action::from_number(0), None);
        assert_eq!(Action::from_number(Action::ALL.len() as u8 + 1), None);
    }
}
