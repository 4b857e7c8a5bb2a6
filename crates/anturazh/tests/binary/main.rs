//! The real binary, used as its users would.

mod command_line;
mod crash;
mod http;
mod installation;
