//! One file a command.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod client;
pub(crate) mod export;
pub(crate) mod goal;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod keys;
pub(crate) mod mail;
pub(crate) mod person;
pub(crate) mod query;
pub(crate) mod restore;
pub(crate) mod site;
pub(crate) mod staff;
pub(crate) mod token;
