//! Pieces of work of staff, the grants they carry, and the decision who may read what, in Cedar.
//! Must never hold or reach a personal value; what is not permitted is denied, administrators included.
//! Start at `Tasks`.
