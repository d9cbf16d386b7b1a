//! The portal and the kiosk, as readers meet them.

mod cast;
mod corrected;
mod hostile;
mod kiosk;
mod paths;
mod reading;
mod samples;
mod weight;
