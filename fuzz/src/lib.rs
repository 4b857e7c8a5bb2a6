//! What fuzz targets share: a disk in memory, and a door that keeps its events there.
//! Must never stand in for a parser: targets run the code of the product.
//! Start at [`door::Trial`] and [`memory::Memory`].

pub mod door;
pub mod memory;
