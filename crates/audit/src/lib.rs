//! The tamper-evident audit log: who read, changed, disclosed or decided what, when and for which task.
//! Must never hold a personal value in clear, lose an entry it acknowledged, or forget one.
//! Start at `Log`.
