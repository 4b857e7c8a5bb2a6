//! Who acts, where nobody may act for themself.

/// Who acts. An account's number alone says that others are there; whether that is so is for the caller to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct By {
    /// The account.
    pub account: u32,
    /// No other account could do now what another has to do: approve, see an alarm, review. Then the account does it
    /// itself, which is marked, told by mail and reviewed.
    pub is_alone: bool,
    /// The account that lately had the credentials of this one in its hands: over what that one gained, this one does
    /// not decide as another.
    pub made_by: Option<u32>,
}

impl From<u32> for By {
    fn from(account: u32) -> Self {
        Self {
            account,
            is_alone: false,
            made_by: None,
        }
    }
}

impl By {
    /// Whether it may decide over what `account` gained.
    pub(crate) fn may_decide_over(self, account: u32) -> bool {
        self.is_alone || self.is_another(account)
    }

    /// Whether it is a person other than the one behind `account`, as far as is known.
    pub(crate) fn is_another(self, account: u32) -> bool {
        self.account != account && self.made_by != Some(account)
    }
}
