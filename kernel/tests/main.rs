//! The kernel's promises, on both engines: nothing half-written, events handled once, jobs retried,
//! files whole, forms only from our own pages.

mod db;
mod events;
mod files;
mod together;
mod web;
