//! locations
