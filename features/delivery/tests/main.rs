//! Delivery over real HTTP on the loopback: joining, crossing both ways, cuts, copies, restores,
//! wrong clocks, and the pages.

mod bridge;
mod crossing;
mod joining;
mod pages;
mod roads;
mod succession;
