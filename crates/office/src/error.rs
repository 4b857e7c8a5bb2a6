//! What can go wrong, by the room in which it did.

/// Why something of the people's side failed. Messages never hold a personal value.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// In the vault.
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// With consents, accounts, enquiries or letters.
    #[error(transparent)]
    People(#[from] people::Error),
    /// With tasks and grants.
    #[error(transparent)]
    Tasks(#[from] tasks::Error),
    /// In the audit log.
    #[error(transparent)]
    Audit(#[from] audit::Error),
    /// With mail or the ledger of what left.
    #[error(transparent)]
    Sharing(#[from] sharing::Error),
    /// With the databases.
    #[error(transparent)]
    Storage(#[from] sqldb::Error),
    /// Nobody of staff can be given the task: set up an account first.
    #[error("give the case to somebody: no account of staff may answer enquiries yet")]
    Nobody,
}
